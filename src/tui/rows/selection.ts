/** Which entry is selected and which lines are on screen: the selection follows the entry, not the line. */
import type { EntryJson } from '../../core/index.ts';

/** What tells an entry from every other. */
export type Identity = Pick<EntryJson, 'cookie' | 'key'>;

/** Lines to select from. */
export interface Lines {
  readonly length: number;
  identityAt(index: number): Identity | undefined;
  /** -1 when it is not among them. */
  indexOf(identity: Identity): number;
}

export interface Viewport {
  readonly selected: Identity | null;
  /** Where the selected entry is among all. */
  readonly index: number;
  /** The entry on the first line. */
  readonly top: number;
}

export const AT_TOP: Viewport = { selected: null, index: 0, top: 0 };

/**
 * The viewport after the entries or the height changed: the same entry selected where it is now, or,
 * when it is gone, the one that took its place. Returns `view` itself when nothing changed.
 */
export function follow(view: Viewport, lines: Lines, height: number): Viewport {
  return moveTo(view, lines, height, locate(view, lines));
}

/** The viewport with entry `index` selected (clamped), scrolled no further than it must. */
export function moveTo(view: Viewport, lines: Lines, height: number, index: number): Viewport {
  const at = clamp(index, 0, lines.length - 1);
  const entry = lines.identityAt(at);
  const lowest = Math.max(0, lines.length - height);
  const top = clamp(clamp(view.top, at - Math.max(1, height) + 1, at), 0, lowest);
  const selected = entry ?? null;
  const isSame = view.index === at && view.top === top && isSameEntry(view.selected, selected);
  return isSame ? view : { selected, index: at, top };
}

function locate({ selected, index }: Viewport, lines: Lines): number {
  if (selected === null || isSameEntry(selected, lines.identityAt(index) ?? null)) return index;
  const found = lines.indexOf(selected);
  return found < 0 ? index : found;
}

/** The cookie first: the text of a key is made when it is asked for. */
function isSameEntry(a: Identity | null, b: Identity | null): boolean {
  return a?.cookie === b?.cookie && a?.key === b?.key;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
