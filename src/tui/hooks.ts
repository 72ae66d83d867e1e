/** What the components share. */
import { useStdout } from 'ink';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { follow, type Lines, moveTo, type Viewport } from './rows/selection.ts';
import type { Store, TuiState } from './store.ts';
import type { Handlers, Ui, UiState } from './ui.ts';

/** The store's state; the component is rendered again after each change. */
export function useTuiState(store: Store): TuiState {
  return useSyncExternalStore(store.subscribe, store.getState);
}

/** What the user is at; the component is rendered again after each change. */
export function useUiState(ui: Ui): UiState {
  return useSyncExternalStore(ui.subscribe, ui.getState);
}

/** Moves a selection to the index that is told, from the one it is on. */
export type Move = (target: (index: number) => number) => void;

/** The table's viewport over `lines`, `height` of them, and how to move its selection. */
export function useViewport(ui: Ui, lines: Lines, height: number): [Viewport, Move] {
  const current = follow(useUiState(ui).viewport, lines, height);
  useEffect(() => ui.place(current), [ui, current]);
  const move: Move = (target) => {
    const { viewport } = ui.getState();
    ui.place(moveTo(viewport, lines, height, target(viewport.index)));
  };
  return [current, move];
}

/** The handlers of a list that scrolls; `page` is its height in lines. */
export function scrolling(move: Move, page: number): Handlers {
  return {
    up: () => move((index) => index - 1),
    down: () => move((index) => index + 1),
    pageUp: () => move((index) => index - page),
    pageDown: () => move((index) => index + page),
    top: () => move(() => 0),
    bottom: () => move(() => Number.MAX_SAFE_INTEGER),
  };
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
