/** Ctrl-C, as what it interrupts hears of it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';

/** One line at the prompt, from Enter to its answer. */
export class Interruption {
  readonly #controller = new AbortController();
  /** Ctrl-C is how this line is meant to end: nothing is said about it. */
  isTheEnd = false;

  /** Aborts with Ctrl-C. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends what the line still does in the background. */
  interrupt(): void {
    this.#controller.abort(new Interrupted());
  }
}

/** What ends in the background because its line was interrupted, rejects with this; nobody needs to hear of it. */
class Interrupted extends Error {
  override name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}

const lines = new AsyncLocalStorage<Interruption>();

/** Runs code as part of a line: what it calls finds the line, also after an await. */
export function within<T>(line: Interruption, act: () => T): T {
  return lines.run(line, act);
}

/** The line that the caller is part of. */
export function currentLine(): Interruption {
  return lines.getStore() ?? new Interruption();
}

/** Whether Ctrl-C ended an evaluation, as node says it and as our names do. */
export function isInterruption(thrown: unknown): boolean {
  if (thrown instanceof Interrupted) return true;
  if (!types.isNativeError(thrown)) return false;
  if ((thrown as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') return true;
  return thrown.name === 'AbortError' && thrown.cause instanceof Interrupted;
}
