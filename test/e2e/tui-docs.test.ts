/**
 * The screens in docs/tui.md are what the program shows of the recording that ships. With
 * UPDATE_SCREENS=1 they are written anew instead.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../support/run.ts';
import { atBusyMoment, plays, replay, stepTo } from '../tui/replay-screen.ts';
import type { Screen } from '../tui/screen.ts';

const DOCUMENT = join(ROOT, 'docs/tui.md');
const UPDATE = process.env.UPDATE_SCREENS === '1';

/** Longer than two looks. */
const STILL_MS = 1500;

/** What the document has under each name. */
const BLOCK = /(<!-- screen: (\w+) -->\n```text\n)([\s\S]*?)(```)/g;

let text = readFileSync(DOCUMENT, 'utf8');
const written = new Map([...text.matchAll(BLOCK)].map(([, , name, screen]) => [name, screen]));

/** A screen without what depends on the speed of the machine. */
function shownOn(screen: Screen): string {
  const text = screen.text.replace(/refresh every \d+ ms/, 'refresh every 250 ms');
  return `${text.replace(/ +$/gm, '').trimEnd()}\n`;
}

/** The same once nothing moves on it any more. */
async function still(screen: Screen): Promise<string> {
  for (let before = ''; before !== screen.text; ) {
    before = screen.text;
    await sleep(STILL_MS);
  }
  return shownOn(screen);
}

const SCREENS: Record<string, () => Promise<Screen>> = {
  table: () => atBusyMoment({ columns: 110, rows: 24 }),
  pairs: async () => {
    const screen = await atBusyMoment({ columns: 110, rows: 20 });
    screen.press('p');
    await screen.shows('← REDIR');
    return screen;
  },
  filter: async () => {
    const screen = await atBusyMoment({ columns: 110, rows: 16 });
    screen.press('/port=6379 and redirects>10');
    await screen.shows('redirects>10');
    return screen;
  },
  mistake: async () => {
    const screen = await atBusyMoment({ columns: 110, rows: 16 });
    screen.press('/prot=6379');
    await screen.shows(/\^ .*prot/);
    return screen;
  },
  detail: async () => {
    const screen = await atBusyMoment({ columns: 90, rows: 72 });
    screen.press('\r');
    await screen.shows('PATH');
    await stepTo(screen, 6.1);
    await screen.shows(/┏━[\s\S]*┤ veth ├/);
    return screen;
  },
  bypass: async () => {
    const screen = await atBusyMoment({ columns: 90, rows: 21 });
    await stepTo(screen, 6.4);
    screen.press('\r');
    await screen.shows('PATH');
    await stepTo(screen, 7.9);
    await screen.shows(/BYPASS[\s\S]*nothing redirected[\s\S]*┫ veth ┣/);
    return screen;
  },
  events: async () => {
    const screen = await atBusyMoment({ columns: 110, rows: 24 });
    screen.press('e');
    await screen.shows('EVENTS');
    await stepTo(screen, 9.7);
    await screen.shows(/redirects again/);
    return screen;
  },
  help: async () => {
    const screen = replay(join(ROOT, 'recordings/demo.jsonl'), { columns: 100, rows: 108 });
    await plays(screen);
    screen.press(' 0');
    await screen.shows(/‖ replay .* 0:00\.0 \//);
    screen.press('?');
    await screen.shows('KEYS EVERYWHERE');
    return screen;
  },
};

afterAll(() => {
  if (UPDATE) writeFileSync(DOCUMENT, text);
});

test('the document has these screens, and no others', () => {
  expect([...written.keys()].sort()).toEqual(Object.keys(SCREENS).sort());
});

test.each(Object.entries(SCREENS))('the screen of %s is the one in the document', async (name, show) => {
  await using screen = await show();
  // Most are there at once; one that is another is shown as it is when it is still.
  if (!UPDATE && shownOn(screen) === written.get(name)) return;
  const shown = await still(screen);
  if (UPDATE) text = text.replace(BLOCK, (all, begin, of, _, end) => (of === name ? `${begin}${shown}${end}` : all));
  else expect(written.get(name)).toBe(shown);
});
