/** splice-tui on a terminal of its own, for the tests of what a user sees. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestBed } from '../support/kernel.ts';
import { Screen, type ScreenOptions } from './screen.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const BIN = join(ROOT, 'bin/splice-tui.js');

/** Something on the screen before, and how the terminal is set afterwards. */
export const AROUND = 'echo before; "$@"; status=$?; stty -a; exit $status';

export function tui(bed: TestBed, args: readonly string[] = [], options: ScreenOptions = {}): Screen {
  return new Screen(['sh', '-c', AROUND, 'sh', process.execPath, BIN, '--pin', bed.pin, ...args], options);
}

/** The process id of splice-tui on a screen that tui() made. */
export function pidOf(screen: Screen): number {
  return Number(readFileSync(`/proc/${screen.pid}/task/${screen.pid}/children`, 'utf8').trim());
}

/** A test bed with a splice in its cgroup. */
export function spliced(): TestBed {
  const bed = new TestBed();
  bed.splice.up({ cgroups: [bed.cgroup] });
  return bed;
}

/** The line of the selected row. */
export function selected(screen: Screen): string {
  return screen.lines.find((line) => line.startsWith('>')) ?? '';
}

/** The rows of the table, by the port of their own end. */
export function ownPorts(screen: Screen): number[] {
  return screen.lines.flatMap((line) => {
    const port = /^[ >*+-]127\.0\.0\.1:(\d+) /.exec(line)?.[1];
    return port === undefined ? [] : [Number(port)];
  });
}
