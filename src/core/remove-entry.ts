/** Taking one entry out of the maps, whatever waits in its queue. */
import { deleteElement } from './map-elements.ts';
import type { PinnedMaps } from './pinned.ts';
import type { SockKey } from './sock-key.ts';

/** Takes one entry and its record out of the maps; its socket goes on with TCP. */
export function removeEntry(pinned: PinnedMaps, key: SockKey): void {
  const bytes = key.encode();
  deleteElement(pinned.fd(key.family.map), bytes);
  deleteElement(pinned.fd(key.family.endpoints), bytes);
}
