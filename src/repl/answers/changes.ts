/** What changed between two looks at the entries. */
import type { Entry } from '../../core/index.ts';
import { totalPasses } from '../../view/columns.ts';
import { formatAge, formatBytes, formatCount } from '../../view/format.ts';
import { EntryList } from '../values/entry-list.ts';
import { told } from '../values/told.ts';

interface Look {
  /** On the clock of performance.now(). */
  readonly atMs: number;
  readonly entries: readonly Entry[];
}

/** What an entry did meanwhile: differences, and what is queued for it now. */
export interface Change {
  readonly key: string;
  readonly redirects: number;
  readonly redirectBytes: number;
  readonly passes: number;
  readonly queuedBytes: number;
  /** The TCP state it has now, when that is another one. */
  readonly state: string | null;
}

/** Prints as text. */
export interface Changes {
  /** How long ago the look before was; null when this was the first. */
  readonly sinceMs: number | null;
  readonly opened: EntryList;
  readonly closed: EntryList;
  readonly changed: readonly Change[];
}

/** Lines for a person who has no terminal of known height. */
const MANY_LINES = 1000;

/**
 * The answer to diff(): what is new, gone and changed, as data that prints as lines.
 * @param height of the terminal: of many lines, the first ones and how many there are
 */
export function describeChanges(before: Look | null, now: Look, height = MANY_LINES): Changes {
  if (before === null) {
    const first: Changes = { sinceMs: null, opened: new EntryList(), closed: new EntryList(), changed: [] };
    return told(first, `This is the first look: ${now.entries.length} entries. diff() tells what changes from now on.`);
  }
  const earlier = new Map(before.entries.map((entry) => [entry.cookie, entry]));
  const opened = new EntryList();
  const changed: Change[] = [];
  for (const entry of now.entries) {
    const was = earlier.get(entry.cookie);
    // One that was removed and put back meanwhile counts from zero.
    if (!was || entry.ageMs < was.ageMs) opened.push(entry);
    else if (differs(was, entry)) changed.push(difference(was, entry));
    earlier.delete(entry.cookie);
  }
  const closed = EntryList.from(earlier.values()) as EntryList;
  changed.sort((one, other) => other.redirects + other.passes - one.redirects - one.passes);
  const changes: Changes = { sinceMs: Math.round(now.atMs - before.atMs), opened, closed, changed };
  return told(changes, asText(changes, Math.max(5, height - 3)));
}

function differs(was: Entry, is: Entry): boolean {
  return (
    was.redirects !== is.redirects ||
    was.queuedBytes !== is.queuedBytes ||
    was.state !== is.state ||
    totalPasses(was) !== totalPasses(is)
  );
}

function difference(was: Entry, is: Entry): Change {
  return {
    key: is.key,
    redirects: is.redirects - was.redirects,
    redirectBytes: is.redirectBytes - was.redirectBytes,
    passes: totalPasses(is) - totalPasses(was),
    queuedBytes: is.queuedBytes,
    state: is.state === was.state ? null : is.state,
  };
}

function asText({ sinceMs, opened, closed, changed }: Changes, most: number): string {
  const counts = `${opened.length} new, ${closed.length} gone, ${changed.length} changed`;
  const lines = [
    ...opened.map(({ key, process }) => `+ ${key}${process ? `  ${process.comm} (pid ${process.pid})` : ''}`),
    ...closed.map(({ key, redirects }) => `- ${key}  after ${formatCount(redirects)} redirects`),
    ...changed.map((change) => `  ${change.key}  ${whatChanged(change)}`),
  ];
  const more =
    lines.length > most ? [`  and ${lines.length - most} more: diff() is data, with opened, closed and changed`] : [];
  return [`Since the last look, ${formatAge(sinceMs ?? 0)} ago: ${counts}.`, ...lines.slice(0, most), ...more].join(
    '\n',
  );
}

function whatChanged({ redirects, redirectBytes, passes, queuedBytes, state }: Change): string {
  return [
    ...(redirects > 0 ? [`+${formatCount(redirects)} redirects (${formatBytes(redirectBytes)})`] : []),
    ...(passes > 0 ? [`+${formatCount(passes)} by TCP`] : []),
    ...(queuedBytes > 0 ? [`${formatBytes(queuedBytes)} queued`] : []),
    ...(state === null ? [] : [`now ${state}`]),
  ].join(', ');
}
