/** The messages of one connection, line by line as they are sent. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { SockKey, Splice, SpliceEvent } from '../../core/index.ts';
import { REASON_LABELS } from '../../view/columns.ts';
import { LEAVE_LABELS } from '../../view/event-text.ts';
import { formatBytes } from '../../view/format.ts';
import { jsonText } from '../../view/json.ts';
import type { Console } from '../console.ts';
import { currentLine } from '../interruption.ts';

const POLL_MS = 50;
/** More at once, nobody reads; their number is told. */
const MOST_LINES = 100;

/**
 * Prints the messages of an entry and of its peer until Ctrl-C, until both are closed, or until so many
 * were printed.
 * @throws SpliceError NOT_LOADED, NO_ENTRY, BAD_MODE, TOO_MANY_READERS
 */
export async function traceMessages(splice: Splice, key: SockKey, times: number, console: Console): Promise<void> {
  const { signal } = currentLine();
  using reader = splice.events();
  reader.trace(key, true);
  const ends = new Map([key, key.reverse()].map((end, index) => [end.toString(), index === 0 ? '->' : '<-']));
  console.say(`-> is what ${key} sends, <- what it receives. Ctrl-C ends it.`);
  for (let left = times; ; ) {
    const { events, lost } = reader.read();
    const ours = events.filter((event) => ends.has(event.key)).slice(0, left);
    const shown = ours.slice(0, MOST_LINES);
    for (const event of shown) console.print(console.json ? jsonText(event) : lineOf(event, ends));
    if (ours.length > shown.length) console.say(`… and ${ours.length - shown.length} more in the same moment`);
    if (lost > 0) console.say(`… ${lost} events came too fast to be kept`);
    left -= ours.length;
    if (left <= 0 || isOver(splice, key, events)) return;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Whether one of the ends was closed or left, and neither has an entry any more. */
function isOver(splice: Splice, key: SockKey, events: readonly SpliceEvent[]): boolean {
  const ends = [key.toString(), key.reverse().toString()];
  if (!events.some((event) => (event.type === 'closed' || event.type === 'left') && ends.includes(event.key)))
    return false;
  return splice.lookup(key) === null && splice.peer(key) === null;
}

const HAPPENED: Readonly<Record<Exclude<SpliceEvent['type'], 'message'>, string>> = {
  opened: 'got its entry',
  firstRedirect: 'redirects for the first time',
  fellBack: 'goes by TCP from here on',
  backToRedirect: 'is redirected again',
  closed: 'was closed',
  left: 'left the map by itself, and is plain TCP from here on',
  keptOut: 'got no entry',
};

function lineOf(
  { type, atMs, key, reason, leaveReason, bytes, turnaroundUs }: SpliceEvent,
  ends: ReadonlyMap<string, string>,
): string {
  const at = `${clock(atMs)}  ${ends.get(key)}  `;
  const label = leaveReason ? LEAVE_LABELS[leaveReason] : reason && REASON_LABELS[reason];
  const why = label === null ? '' : ` (${label})`;
  if (type !== 'message') return `${at}${HAPPENED[type]}${why}`;
  const size = formatBytes(bytes ?? 0).padStart(8);
  const way = (reason === null ? 'redirected' : `by TCP${why}`).padEnd(18);
  return `${at}${size}  ${way}${turnaroundUs === null ? '' : `  ${span(turnaroundUs)} after the other`}`.trimEnd();
}

/** A time in microseconds. */
function span(us: number): string {
  return us < 10_000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(1)} ms`;
}

/** The local time of day, to the millisecond. */
function clock(atMs: number): string {
  const at = new Date(atMs);
  const two = (number: number) => String(number).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}
