/** Entries as comma-separated values, for a spreadsheet. */
import { type EntryJson, PASS_REASONS } from '../core/index.ts';

/** What spreadsheets take for the beginning of a formula, or skip before one. */
const FORMULA = /^[=+\-@\t\r]/;

const FIELDS = [
  ...['key', 'sip', 'dip', 'sport', 'dport', 'keyHex', 'cookie', 'state', 'peer', 'redirects', 'redirectBytes'],
  ...PASS_REASONS.map((reason) => `passes.${reason}`),
  ...['queuedBytes', 'ageMs', 'pid', 'comm'],
];

/**
 * A line of names, then a line an entry with the contract's fields; RFC 4180, a line end behind the last line too.
 * A process chooses its own name: one that a spreadsheet would take for a formula has a `'` before it.
 */
export function toCsv(entries: readonly EntryJson[]): string {
  const rows = entries.map(({ passes, process, ...entry }) => {
    const byReason = PASS_REASONS.map((reason) => [`passes.${reason}`, passes[reason]] as const);
    const cells: Record<string, unknown> = { ...entry, ...Object.fromEntries(byReason), ...process };
    return FIELDS.map((field) => cells[field] ?? '');
  });
  return [FIELDS, ...rows].map((cells) => `${cells.map(quote).join(',')}\r\n`).join('');
}

function quote(cell: unknown): string {
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
