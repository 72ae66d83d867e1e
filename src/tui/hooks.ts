/** What the components share. */
import { useInput, useStdout } from 'ink';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { EntryJson } from '../core/index.ts';
import { AT_TOP, follow, moveTo, type Viewport } from './selection.ts';
import type { Store, TuiState } from './store.ts';

/** The store's state; the component is rendered again after each change. */
export function useTuiState(store: Store): TuiState {
  return useSyncExternalStore(store.subscribe, store.getState);
}

/** The viewport over `entries`, `height` lines high, and how to move its selection to an index. */
export function useViewport(
  entries: readonly EntryJson[],
  height: number,
): [Viewport, (target: (index: number) => number) => void] {
  const [view, setView] = useState(AT_TOP);
  const current = follow(view, entries, height);
  if (current !== view) setView(current);
  const move = (target: (index: number) => number) =>
    setView((before) => moveTo(before, entries, height, target(before.index)));
  return [current, move];
}

/** The value, or the highest it had yet: widths that only grow keep the columns from jumping. */
export function useHighWater<T extends Record<string, number>>(values: T): T {
  const [highest, setHighest] = useState(values);
  const grown = Object.entries(values).filter(([name, value]) => value > (highest[name] ?? 0));
  if (grown.length === 0) return highest;
  const next = { ...highest, ...Object.fromEntries(grown) };
  setHighest(next);
  return next;
}

const HOME_AND_ERASE = '\u001b[H\u001b[J';

/** Draws the whole screen anew when its size changed: terminals move old lines about, each in its own way. */
export function useRepaint(columns: number, rows: number): void {
  const { write } = useStdout();
  const drawn = useRef(`${columns}x${rows}`);
  useEffect(() => {
    const size = `${columns}x${rows}`;
    if (drawn.current !== size) write(HOME_AND_ERASE);
    drawn.current = size;
  }, [columns, rows, write]);
}

export interface KeyActions {
  readonly move: (target: (index: number) => number) => void;
  /** Lines that a page key moves. */
  readonly page: number;
  readonly toggleBypass: () => void;
  readonly quit: () => void;
  /** Called before any other action. */
  readonly touch: () => void;
}

/** Connects the keyboard; Ctrl-C is Ink's own. */
export function useKeys({ move, page, toggleBypass, quit, touch }: KeyActions): void {
  const letters = new Map([
    ['j', () => move((index) => index + 1)],
    ['k', () => move((index) => index - 1)],
    ['g', () => move(() => 0)],
    ['G', () => move(() => Number.MAX_SAFE_INTEGER)],
    [' ', toggleBypass],
    ['q', quit],
  ]);
  useInput((input, key) => {
    touch();
    if (key.upArrow) move((index) => index - 1);
    else if (key.downArrow) move((index) => index + 1);
    else if (key.pageUp) move((index) => index - page);
    else if (key.pageDown) move((index) => index + page);
    else if (key.home) move(() => 0);
    else if (key.end) move(() => Number.MAX_SAFE_INTEGER);
    // Keys that were typed fast come as one text.
    else if (!key.ctrl && !key.meta) for (const letter of input) letters.get(letter)?.();
  });
}
