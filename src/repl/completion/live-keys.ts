/** The keys that Tab picks from. */
import type { Splice } from '../../core/index.ts';

/** So long a list is used again. */
const FRESH_MS = 2000;

export class LiveKeys {
  readonly #splice: Splice;
  #keys: readonly string[] = [];
  #atMs = Number.NEGATIVE_INFINITY;
  #isComing = false;

  constructor(splice: Splice) {
    this.#splice = splice;
  }

  /** Lists them soon, if that was not done lately: of 64 000 it takes longer than somebody who presses Tab should wait. */
  freshen(): void {
    if (this.#isFresh() || this.#isComing) return;
    this.#isComing = true;
    setImmediate(() => {
      this.#isComing = false;
      this.list();
    });
  }

  /** Keys that have an entry, or had one two seconds ago; none when they cannot be had: Tab is no place for an error. */
  list(): readonly string[] {
    if (this.#isFresh()) return this.#keys;
    this.#keys = this.#look();
    this.#atMs = performance.now();
    return this.#keys;
  }

  #isFresh(): boolean {
    return performance.now() - this.#atMs < FRESH_MS;
  }

  #look(): readonly string[] {
    try {
      return this.#splice.entries({ owners: false }).map((entry) => entry.key);
    } catch {
      return [];
    }
  }
}
