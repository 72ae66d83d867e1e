/** What ends a run before it is done: a signal, or anything that fails anywhere in the process. */
import { SpliceError } from '../core/index.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Aborts when the run must end; `signal.reason` is the error to tell. Disposed when all is removed. */
export class Ending implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = (name: NodeJS.Signals) =>
    this.now(new SpliceError('INTERRUPTED', `stopped by ${name}`, 'the same again; everything it made is removed'));

  /** Ends the run because of an error; the first one counts. */
  readonly now = (error: unknown): void => this.#controller.abort(error);

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
    process.on('uncaughtException', this.now);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The value of a promise, unless the end comes first. */
  async orEnd<Value>(promise: Promise<Value>): Promise<Value> {
    const { signal } = this;
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      signal.throwIfAborted();
      return await Promise.race([promise, ended]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Whoever loses the race has nobody left to tell.
      promise.catch(() => {});
    }
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
    process.off('uncaughtException', this.now);
  }
}
