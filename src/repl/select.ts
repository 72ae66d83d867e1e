/** Which entries are meant: by a filter, or by a function. */
import { inspect } from 'node:util';
import { type Entry, SpliceError } from '../core/index.ts';
import { parseFilter } from '../filter/index.ts';

/** A filter as text, or a function of an entry. */
export type Selection = string | ((entry: Entry) => unknown);

/**
 * The test that a selection stands for; all entries fit when there is none.
 * @throws SpliceError BAD_FILTER; BAD_OPTION when it is neither text nor a function
 */
export function toTest(selection?: Selection): (entry: Entry) => boolean {
  if (selection === undefined) return () => true;
  if (typeof selection === 'function') return (entry) => Boolean(selection(entry));
  if (typeof selection === 'string') return parseFilter(selection, { oneLook: true }).matches;
  throw new SpliceError(
    'BAD_OPTION',
    `a filter is text or a function, not ${inspect(selection)}`,
    "entries('port=6379') or entries(e => e.redirects > 0)",
  );
}
