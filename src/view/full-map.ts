/** What to say when a map has no room for one more connection. */
import type { Status } from '../core/index.ts';

type Loaded = Extract<Status, { loaded: true }>;

/** Whether a connection, which takes two entries, does not fit any more. */
export function isFull({ map }: Loaded): boolean {
  return map.entries + 2 > map.maxEntries;
}

/** That there is no room, or was none, and what to do. */
export function fullMapText(status: Loaded): string {
  const state = isFull(status) ? 'is full, and new connections go' : 'was full, and new connections went';
  return `the map ${state} by TCP: it has room for ${status.map.maxEntries} entries, two for each connection; 'splice down', then 'splice up --max-entries NUMBER' makes more room`;
}
