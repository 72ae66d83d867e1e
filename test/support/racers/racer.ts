/** Racers: each does what one of the rules is there for, and tells what went wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestBed } from '../kernel.ts';

/** Brings up a splice of its own; resolves to what went wrong, in a few words, or null. */
export type Racer = (bed: TestBed) => Promise<string | null>;

/** Long enough for a thread to fall asleep in a call that it has begun. */
export const ASLEEP_MS = 100;

/** Longer than anything takes that does not hang. */
const PATIENCE_MS = 3000;

/** Whether something happens before one must think that it never does. */
export async function happens(condition: () => boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

/** Gives a temporary folder for compiled programs, and removes it. */
export async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
