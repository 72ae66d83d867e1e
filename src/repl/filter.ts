/** Which entries a filter keeps: the one place to change when there is a filter language. */
import { inspect } from 'node:util';
import { type Entry, SpliceError } from '../core/index.ts';

/** Text that the key or the name of the process must contain, or a function of an entry. */
export type Filter = string | ((entry: Entry) => unknown);

/**
 * The entries that a filter keeps; all without one.
 * @throws SpliceError BAD_OPTION when the filter is neither text nor a function
 */
export function filterEntries(entries: Entry[], filter?: Filter): Entry[] {
  if (filter === undefined) return entries;
  if (typeof filter === 'function') return entries.filter((entry) => filter(entry));
  if (typeof filter === 'string') {
    return entries.filter((entry) => entry.key.includes(filter) || entry.process?.comm.includes(filter));
  }
  throw new SpliceError(
    'BAD_OPTION',
    `a filter is text or a function, not ${inspect(filter)}`,
    "entries(':6379') or entries(e => e.redirects > 0)",
  );
}
