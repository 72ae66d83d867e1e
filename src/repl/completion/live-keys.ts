/** The keys that Tab picks from. */
import type { Splice } from '../../core/index.ts';

/** Tab is pressed again and again while a key is typed. */
const FRESH_MS = 1000;

export class LiveKeys {
  readonly #splice: Splice;
  #keys: readonly string[] = [];
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(splice: Splice) {
    this.#splice = splice;
  }

  /** Keys that have an entry, or had one a second ago; none when they cannot be had: Tab is no place for an error. */
  list(): readonly string[] {
    if (performance.now() - this.#atMs < FRESH_MS) return this.#keys;
    this.#keys = this.#look();
    this.#atMs = performance.now();
    return this.#keys;
  }

  #look(): readonly string[] {
    try {
      return this.#splice.entries({ owners: false }).map((entry) => entry.key);
    } catch {
      return [];
    }
  }
}
