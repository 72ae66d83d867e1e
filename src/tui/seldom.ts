/** Something that costs too much to be asked for at each look. */

import type { Steps } from '../core/index.ts';
import { processorMs } from './pacer.ts';

/** At most this share of a core. */
const SHARE = 0.02;

export class Seldom {
  readonly #everyMs: number;
  #atMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  /** Processor time that all of it took so far. */
  #spentMs = 0;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Whether to ask now: when it is due, or `wanted` at once, but always within its share. */
  isDue(nowMs: number, wanted: boolean): boolean {
    const sinceMs = nowMs - this.#atMs;
    return sinceMs >= this.#tookMs / SHARE && (wanted || sinceMs >= this.#everyMs);
  }

  get spentMs(): number {
    return this.#spentMs;
  }

  /** Does it; it began at `nowMs`. */
  *time<Result>(nowMs: number, work: Steps<Result>): Steps<Result> {
    const begin = processorMs();
    const result = yield* work;
    this.#atMs = nowMs;
    this.#tookMs = processorMs() - begin;
    this.#spentMs += this.#tookMs;
    return result;
  }
}
