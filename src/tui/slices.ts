/** Work in steps, between which the terminal is served. */
import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../core/index.ts';

/** Longer than this no key waits for a step. */
const SLICE_MS = 6;

/**
 * Does all the steps, and lets other things happen in between.
 * @returns false when `signal` aborted it before its end
 */
export async function doInSlices(steps: Steps<void>, signal: AbortSignal): Promise<boolean> {
  let begin = performance.now();
  while (!steps.next().done) {
    if (performance.now() - begin < SLICE_MS) continue;
    await setImmediate();
    if (signal.aborted) {
      steps.return();
      return false;
    }
    begin = performance.now();
  }
  return true;
}
