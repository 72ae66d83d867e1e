/** The columns that every table of entries has, and which of them give way when there is little room. */
import type { EntryJson, Passes, PassReason } from '../core/index.ts';
import { formatEnd, PASS_REASONS } from '../core/index.ts';
import { formatAge, formatBytes, formatCount, formatRate, formatTurnaround } from './format.ts';

/** What one line of a table shows. */
export interface Row {
  readonly entry: EntryJson;
  /** Redirects a second, null when it was not measured. */
  readonly rate: number | null;
  readonly process: EntryJson['process'];
  /** The container or cgroup of its process, in short; null when it is not known. */
  readonly cgroup?: string | null;
  /** Turnaround in nanoseconds, null when none was measured: half of all take no longer, and 99 of 100. */
  readonly p50?: number | null;
  readonly p99?: number | null;
  /** The other end, when both are folded into one line. */
  readonly back?: Row | null;
}

export interface Column {
  readonly name: ColumnName;
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Blanks to its left. */
  readonly gap: number;
  /** The narrowest that is of use, and the widest. */
  readonly min: number;
  readonly max: number;
  /** Its text for a row; `width` tells how much room there is. */
  readonly text: (row: Row, width: number) => string;
}

export type ColumnName =
  | 'own'
  | 'link'
  | 'peer'
  | 'state'
  | 'process'
  | 'redirects'
  | 'rate'
  | 'bytes'
  | 'passes'
  | 'reason'
  | 'queued'
  | 'age'
  | 'cgroup'
  | 'p50'
  | 'p99'
  | 'redirectsBack'
  | 'rateBack'
  | 'bytesBack';

/** What a pass reason is called on screen. */
export const REASON_LABELS: Record<PassReason, string> = {
  noPeer: 'no peer',
  order: 'order',
  backlog: 'backlog',
  pair: 'pair',
  bypass: 'bypass',
};

/** The states as `ss` writes them, for where the full name does not fit. */
const SHORT_STATES: Record<string, string> = {
  ESTABLISHED: 'ESTAB',
  CLOSE_WAIT: 'CLOSE-WAIT',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
};

const END_MIN = 9;
const END_MAX = '[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535'.length;

const OWN = left('own', 'OWN END', 0, END_MIN, END_MAX, ({ entry }) => formatEnd(entry.sip, entry.sport));
const LINK = left('link', '', 1, 2, 2, ({ entry }) => (entry.peer ? '->' : '-x'));
const PEER = left('peer', 'PEER END', 1, END_MIN, END_MAX, ({ entry }) => formatEnd(entry.dip, entry.dport));
const STATE = left('state', 'STATE', 2, 5, 11, ({ entry }, width) => stateText(entry.state, width));
const PROCESS = left('process', 'PROCESS', 2, 16, 23, ({ process }) => processText(process));
const CGROUP = left('cgroup', 'CGROUP', 2, 12, 24, ({ cgroup }) => cgroup ?? '-');
const REDIRECTS = right('redirects', 'REDIRECTS', 2, 9, 9, ({ entry }) => formatCount(entry.redirects));
const RATE = right('rate', 'RATE/s', 2, 6, 6, ({ rate }) => formatRate(rate));
const BYTES = right('bytes', 'BYTES', 2, 8, 8, ({ entry }) => formatBytes(entry.redirectBytes));
const PASSES = right('passes', 'PASSES', 2, 6, 7, (row) => formatCount(totalPasses({ passes: passesOf(row) })));
const REASON = left('reason', 'REASON', 1, 7, 7, (row) => reasonText(passesOf(row)));
const QUEUED = right('queued', 'QUEUED', 2, 8, 8, (row) => formatBytes(queuedOf(row)));
const P50 = right('p50', 'P50', 2, 6, 6, ({ p50 }) => formatTurnaround(p50 ?? null));
const P99 = right('p99', 'P99', 2, 6, 6, ({ p99 }) => formatTurnaround(p99 ?? null));
const AGE = right('age', 'AGE', 2, 6, 6, ({ entry }) => formatAge(entry.ageMs));

/** What one look at the maps tells; a rate takes two. */
export const COLUMNS: readonly Column[] = [
  ...[OWN, LINK, PEER, STATE, PROCESS, REDIRECTS, RATE, BYTES, PASSES, REASON, QUEUED, AGE],
];

/** What the live view knows besides. */
export const LIVE_COLUMNS: readonly Column[] = [
  ...[OWN, LINK, PEER, STATE, PROCESS, CGROUP, REDIRECTS, RATE, BYTES, PASSES, REASON, QUEUED, P50, P99, AGE],
];

/** Both ends in one line: what the own end sent (→), and what came back (←); passes and queues of both. */
export const PAIR_COLUMNS: readonly Column[] = [
  OWN,
  left('link', '', 1, 2, 2, ({ back }) => (back ? '<>' : '-x')),
  PEER,
  STATE,
  left('process', 'PROCESSES', 2, 16, 42, ({ process, back }) => {
    return back ? `${processText(process)} <> ${processText(back.process)}` : processText(process);
  }),
  CGROUP,
  { ...REDIRECTS, title: 'REDIR →' },
  right('redirectsBack', '← REDIR', 2, 7, 9, ({ back }) => (back ? formatCount(back.entry.redirects) : '-')),
  { ...RATE, title: 'RATE →' },
  right('rateBack', '← RATE', 2, 6, 6, ({ back }) => formatRate(back?.rate ?? null)),
  { ...BYTES, title: 'BYTES →' },
  right('bytesBack', '← BYTES', 2, 8, 8, ({ back }) => (back ? formatBytes(back.entry.redirectBytes) : '-')),
  ...[PASSES, REASON, QUEUED, P50, P99, AGE],
];

/** The order in which columns give way: the first goes first. The own end stays. */
const GIVE_WAY: readonly ColumnName[] = [
  'cgroup',
  'p99',
  'age',
  'queued',
  'reason',
  'p50',
  'bytesBack',
  'process',
  'state',
  'bytes',
  'passes',
  'redirectsBack',
  'rateBack',
  'rate',
  'link',
  'redirects',
  'peer',
];

/** The order in which columns get the room that is left. */
const WIDEN: readonly ColumnName[] = ['state', 'passes', 'process', 'cgroup', 'redirectsBack', 'own', 'peer'];

/** A column and the width it got. */
export interface Placed {
  readonly column: Column;
  readonly width: number;
}

/**
 * Chooses the columns for `width` and their widths, so that a line never takes more.
 * @param measured widths of columns whose content is known: they get exactly that, or give way
 */
export function placeColumns(
  width: number,
  measured: Partial<Record<ColumnName, number>> = {},
  columns: readonly Column[] = COLUMNS,
): Placed[] {
  const least = (column: Column) => measured[column.name] ?? column.min;
  const most = (column: Column) => measured[column.name] ?? column.max;
  let kept = [...columns];
  for (const name of GIVE_WAY) {
    if (lineWidth(kept, least) <= width) break;
    kept = kept.filter((column) => column.name !== name);
  }
  let room = Math.max(0, width - lineWidth(kept, least));
  const widths = new Map(kept.map((column) => [column.name, Math.min(least(column), Math.max(1, width))]));
  for (const name of WIDEN) {
    const column = kept.find((candidate) => candidate.name === name);
    if (!column) continue;
    const more = Math.min(room, most(column) - least(column));
    widths.set(name, (widths.get(name) ?? 0) + more);
    room -= more;
  }
  return kept.map((column) => ({ column, width: widths.get(column.name) ?? 0 }));
}

/** The widths of both ends, so that none of them is cut; never less than `atLeast`. */
export function measureEnds(entries: readonly EntryJson[], atLeast: EndWidths = { own: 0, peer: 0 }): EndWidths {
  let { own, peer } = atLeast;
  for (const { sip, sport, dip, dport } of entries) {
    own = Math.max(own, formatEnd(sip, sport).length);
    peer = Math.max(peer, formatEnd(dip, dport).length);
  }
  return { own, peer };
}

export type EndWidths = Readonly<Record<'own' | 'peer', number>>;

/** How many messages of an entry went by TCP, for whatever reason. */
export function totalPasses(entry: Pick<EntryJson, 'passes'>): number {
  return PASS_REASONS.reduce((sum, reason) => sum + entry.passes[reason], 0);
}

function lineWidth(columns: readonly Column[], widthOf: (column: Column) => number): number {
  return columns.reduce((sum, column, index) => sum + widthOf(column) + (index === 0 ? 0 : column.gap), 0);
}

function stateText(state: string, width: number): string {
  return state.length <= width ? state : (SHORT_STATES[state] ?? state);
}

function processText(process: Row['process']): string {
  return process ? `${process.pid} ${process.comm}` : '-';
}

/** Those of both ends, when they are folded into one line. */
function passesOf({ entry, back }: Row): Passes {
  if (!back) return entry.passes;
  const sum = { ...entry.passes };
  for (const reason of PASS_REASONS) sum[reason] += back.entry.passes[reason];
  return sum;
}

function queuedOf({ entry, back }: Row): number {
  return entry.queuedBytes + (back ? back.entry.queuedBytes : 0);
}

function reasonText(passes: Passes): string {
  const reason = dominantReason(passes);
  return reason === null ? '' : REASON_LABELS[reason];
}

/** Why most of the messages went by TCP; null when none did. */
export function dominantReason(passes: Passes): PassReason | null {
  if (totalPasses({ passes }) === 0) return null;
  return [...PASS_REASONS].reduce((a, b) => (passes[b] > passes[a] ? b : a));
}

function left(name: ColumnName, title: string, gap: number, min: number, max: number, text: Column['text']): Column {
  return { name, title, align: 'left', gap, min, max, text };
}

function right(name: ColumnName, title: string, gap: number, min: number, max: number, text: Column['text']): Column {
  return { name, title, align: 'right', gap, min, max, text };
}
