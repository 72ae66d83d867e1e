/** Replays of the recording that ships, moment by moment: the same screens each time. */
import { join } from 'node:path';
import { ROOT } from '../support/run.ts';
import { Screen, type ScreenOptions } from './screen.ts';

const BIN = join(ROOT, 'bin/splice-tui.js');
export const DEMO = join(ROOT, 'recordings/demo.jsonl');

/** Seconds after the beginning: everything is spliced, and the bypass is yet to come. */
const BUSY_S = 4.5;

export function replay(path: string, options: ScreenOptions = {}): Screen {
  return new Screen([process.execPath, BIN, '--replay', path], { ...options, env: { TZ: 'UTC', ...options.env } });
}

/** Waits until a replay is on the screen: on a busy machine Node.js alone takes seconds. */
export async function plays(screen: Screen): Promise<void> {
  for (let times = 0; times < 3; times++) {
    try {
      await screen.shows('▶ replay');
      return;
    } catch {
      // Once more.
    }
  }
  await screen.shows('▶ replay');
}

/** The position, in seconds, that the line of the replay tells. */
export function positionOf(screen: Screen): number {
  const [, minutes, seconds] = /(\d+):(\d\d\.\d) \//.exec(screen.text) ?? [];
  return 60 * Number(minutes) + Number(seconds);
}

/** Stands at a moment at which the demo was spliced and busy, having seen every frame before it. */
export async function atBusyMoment(options: ScreenOptions): Promise<Screen> {
  const screen = replay(DEMO, options);
  await plays(screen);
  screen.press(' ');
  await screen.shows('‖ replay');
  screen.press('0');
  await screen.shows(/ 0:00\.0 \//);
  await stepTo(screen, BUSY_S);
  await screen.shows(/● redirecting {2}[1-9]/);
  return screen;
}

/** Goes on frame by frame to a position, in seconds. */
export async function stepTo(screen: Screen, position: number): Promise<void> {
  while (positionOf(screen) < position) await step(screen);
}

/** Goes on frame by frame until the screen shows what is wanted; while it is drawn, that may be a frame or two later. */
export async function stepUntil(screen: Screen, wanted: RegExp): Promise<void> {
  for (let frame = 0; frame < 30 && !wanted.test(screen.text); frame++) await step(screen);
  await screen.shows(wanted);
}

async function step(screen: Screen): Promise<void> {
  const before = positionOf(screen);
  screen.press('.');
  await screen.shows((now) => positionOf(now) > before);
}
