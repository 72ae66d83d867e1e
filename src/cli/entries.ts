/** `splice entries` */
import type { Command } from 'commander';
import { type Entry, openSplice, PASS_REASONS } from '../core/index.ts';
import { plainTable } from '../view/plain-table.ts';
import { createCommand } from './usage.ts';

export function entriesCommand(): Command {
  return createCommand('entries')
    .description('List the entries, once.')
    .option('--json', 'print JSON')
    .option('--csv', 'print comma-separated values')
    .action(({ pin, json, csv }: { pin: string; json?: boolean; csv?: boolean }) => {
      using splice = openSplice({ pin });
      const entries = splice.entries();
      process.stdout.write(`${json ? JSON.stringify(entries) : csv ? toCsv(entries) : plainTable(entries)}\n`);
    });
}

const CSV_FIELDS = [
  ...['key', 'sip', 'dip', 'sport', 'dport', 'keyHex', 'cookie', 'state', 'peer', 'redirects', 'redirectBytes'],
  ...PASS_REASONS.map((reason) => `passes.${reason}`),
  ...['queuedBytes', 'ageMs', 'pid', 'comm'],
];

/** One line an entry, the contract's fields as columns; RFC 4180. */
function toCsv(entries: readonly Entry[]): string {
  const rows = entries.map((entry) => {
    const { passes, process, ...plain } = entry.toJSON();
    const byReason = PASS_REASONS.map((reason) => [`passes.${reason}`, passes[reason]] as const);
    const cells: Record<string, unknown> = { ...plain, ...Object.fromEntries(byReason), ...process };
    return CSV_FIELDS.map((field) => cells[field] ?? '');
  });
  return [CSV_FIELDS, ...rows].map((cells) => cells.map(quote).join(',')).join('\r\n');
}

function quote(cell: unknown): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
