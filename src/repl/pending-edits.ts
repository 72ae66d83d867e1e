/** Edits that are under way: none may be cut short half way, even when nobody awaits it any more. */
import { setImmediate } from 'node:timers/promises';

export class PendingEdits {
  readonly #pending = new Set<Promise<unknown>>();

  /**
   * Starts an edit as soon as the code at the prompt has returned: Ctrl-C ends that code anywhere,
   * without its `finally`, and would leave a lock behind.
   */
  start<T>(edit: () => Promise<T>): Promise<T> {
    const started = setImmediate().then(edit);
    this.#pending.add(started);
    const forget = () => this.#pending.delete(started);
    started.then(forget, forget);
    // Another promise: when nobody awaits this one, its failure is still reported.
    return started.then((done) => done);
  }

  /** How many are under way. */
  get count(): number {
    return this.#pending.size;
  }

  /** Waits for those under way, and gives what those that failed were rejected with. */
  async failures(): Promise<unknown[]> {
    const results = await Promise.allSettled(this.#pending);
    return results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
  }

  /** Resolves when all edits started so far have ended, well or not, and failures are reported. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#pending);
    await setImmediate();
  }
}
