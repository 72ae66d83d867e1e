/** The order of a table. */
import type { EntryJson } from '../core/index.ts';

/**
 * Sorted by cookie, in a new array: no line moves while it is looked at. The kernel counts cookies
 * up on each CPU, so the two ends of a connection are usually side by side.
 */
export function inOrder<T extends Pick<EntryJson, 'cookie'>>(entries: readonly T[]): T[] {
  // Numbers, and each once: comparing the texts of 64 000 entries takes ten times as long.
  const cookies = new Float64Array(entries.length);
  const places = new Uint32Array(entries.length);
  for (let place = 0; place < entries.length; place++) {
    cookies[place] = Number((entries[place] as T).cookie);
    places[place] = place;
  }
  places.sort((a, b) => (cookies[a] as number) - (cookies[b] as number) || a - b);
  return Array.from(places, (place) => entries[place] as T);
}
