/** The keyboard: what Ink reports, and what the components do with it. */
import { type Key, useInput, useStdin } from 'ink';
import { useEffect, useEffectEvent } from 'react';
import { type MouseEvent, mouseEvents } from './mouse.ts';
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

/**
 * Gives every report of the mouse to the ui; call it after useKeyboard(). Ink drops them. What it
 * reads comes as `data` events too; alone, this listener would take the keys away from Ink.
 */
export function useMouseReports(ui: Ui): void {
  const { stdin } = useStdin();
  useEffect(() => {
    const point = (chunk: string | Buffer) => {
      for (const event of mouseEvents(String(chunk))) ui.point(event);
    };
    stdin.on('data', point);
    return () => {
      stdin.off('data', point);
    };
  }, [stdin, ui]);
}

/** Connects the mouse to what it does, as long as the component is there. */
export function useMouse(ui: Ui, handler: (event: MouseEvent) => void): void {
  const current = useEffectEvent(handler);
  useEffect(() => ui.registerMouse((event) => current(event)), [ui]);
}

/** Connects actions of the key table to what they do, as long as the component is there. */
export function useActions(ui: Ui, handlers: Handlers): void {
  const current = useEffectEvent(() => handlers);
  useEffect(() => ui.register(() => current()), [ui]);
}

/** Control characters that keys are, where several came as one text. */
const CONTROLS = new Map([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\u0001', 'ctrl-a'],
  ['\u0005', 'ctrl-e'],
  ['\u0015', 'ctrl-u'],
]);

/** The keys of one report: those that were typed fast come as one text. */
function keyNames(input: string, key: Key): string[] {
  const named = NAMED.find(([name]) => key[name]);
  if (named) return [named[1]];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  const names = [...input].map((character) => CONTROLS.get(character) ?? character);
  return names.filter((name) => name >= ' ');
}
