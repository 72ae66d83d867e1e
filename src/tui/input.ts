/** The keyboard: what Ink reports, and what the components do with it. */
import { type Key, useInput } from 'ink';
import { useEffect, useEffectEvent } from 'react';
import type { Handlers, Ui } from './ui.ts';

/** Keys without a character of their own, by Ink's names for them. */
const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, string])[];

/** Gives every key to the ui, after `touched`; for the component that is always there. Ctrl-C is Ink's own. */
export function useKeyboard(ui: Ui, touched: () => void): void {
  useInput((input, key) => {
    touched();
    for (const name of keyNames(input, key)) ui.press(name);
  });
}

/** Connects actions of the key table to what they do, as long as the component is there. */
export function useActions(ui: Ui, handlers: Handlers): void {
  const current = useEffectEvent(() => handlers);
  useEffect(() => ui.register(() => current()), [ui]);
}

/** The keys of one report: those that were typed fast come as one text. */
function keyNames(input: string, key: Key): string[] {
  const named = NAMED.find(([name]) => key[name]);
  if (named) return [named[1]];
  return key.ctrl || key.meta ? [] : [...input];
}
