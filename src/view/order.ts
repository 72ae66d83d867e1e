/** The order of a table. */
import type { EntryJson } from '../core/index.ts';

/**
 * Sorted by cookie, in a new array: no line moves while it is looked at. The kernel counts cookies
 * up on each CPU, so the two ends of a connection are usually side by side.
 */
export function inOrder<T extends Pick<EntryJson, 'cookie'>>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => a.cookie.length - b.cookie.length || (a.cookie < b.cookie ? -1 : 1));
}
