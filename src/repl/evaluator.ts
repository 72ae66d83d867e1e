/** Evaluation by node:repl, made to report instead of print, and to await what is a promise. */
import type { EventEmitter } from 'node:events';
import { type REPLServer, Recoverable } from 'node:repl';
import { types } from 'node:util';
import { runInContext } from 'node:vm';
import type { Command } from './commands/command.ts';
import { Interruption, isInterruption, within } from './interruption.ts';
import { Variables } from './variables.ts';
import { wordsToCode } from './words.ts';

/** `incomplete`: the text is the beginning of something; nothing of it was run. */
export type Outcome =
  | { kind: 'value'; value: unknown }
  | { kind: 'error'; error: unknown }
  | { kind: 'incomplete'; error: SyntaxError };

type NativeEval = (
  code: string,
  context: unknown,
  file: string,
  callback: (error: unknown, value?: unknown) => void,
) => void;

/** Holds a promise while the prompt awaits it. */
const AWAITED = '__awaited';

/**
 * Runs code in the context of a REPL server. Takes the server's errors over: what is thrown after
 * its evaluation has ended (a timer, a forgotten promise) goes to `onStray`.
 */
export class Evaluator {
  readonly variables: Variables;
  readonly #server: REPLServer;
  readonly #commands: readonly Command[];
  readonly #native: NativeEval;
  #running = false;
  #settle: ((outcome: Outcome) => void) | null = null;

  constructor(server: REPLServer, commands: readonly Command[], onStray: (error: unknown) => void) {
    this.#server = server;
    this.#commands = commands;
    this.variables = new Variables(server.context);
    server.on('reset', () => this.variables.clear());
    this.#native = server.eval as NativeEval;
    // node:repl reports what is thrown to its domain, and prints it from there with a stack trace.
    const { _domain: domain } = server as REPLServer & { _domain: EventEmitter };
    domain.removeAllListeners('error');
    domain.on('error', (error: unknown) => {
      if (this.#settle) this.#settle({ kind: 'error', error });
      // What a line that was interrupted did in the background has ended; that is no news.
      else if (!isInterruption(error)) onStray(error);
    });
  }

  /** Whether an evaluation is under way. */
  get busy(): boolean {
    return this.#settle !== null;
  }

  /** Whether it is before its first await. */
  get running(): boolean {
    return this.#running;
  }

  /** Like run(), as a promise. */
  evaluate(code: string, file: string): Promise<Outcome> {
    return new Promise((resolve) => this.run(code, file, resolve));
  }

  /**
   * Evaluates JavaScript or a command in words, awaits the value when it is a promise, and reports the
   * outcome once. What ends without an await is reported before this returns, so that pasted lines keep
   * their order.
   * @param line that the code is; Ctrl-C interrupts it
   */
  run(text: string, file: string, report: (outcome: Outcome) => void, line = new Interruption()): void {
    const settle = (outcome: Outcome) => {
      if (this.#settle !== settle) return;
      this.#settle = null;
      if (outcome.kind === 'error' && isInterruption(outcome.error)) line.interrupt();
      report(outcome);
    };
    this.#settle = settle;
    const code = wordsToCode(text, this.#commands, (name) => this.#isOurs(name)) ?? text;
    this.variables.note(code);
    within(line, () => {
      this.#callNative(code, file, (outcome) => {
        if (outcome.kind === 'value' && types.isPromise(outcome.value)) this.#await(outcome.value, file, settle);
        else settle(outcome);
      });
    });
  }

  /** Whether a name stands for a command of ours still, and not for a variable of the user's. */
  #isOurs(name: string): boolean {
    const command = this.#commands.find((one) => one.name === name || one.aliases?.includes(name));
    const property = Object.getOwnPropertyDescriptor(this.#server.context, name);
    if (!command || property?.value !== command.value) return false;
    try {
      // A `const` of the user's hides the property.
      return runInContext(name, this.#server.context) === command.value;
    } catch {
      return false;
    }
  }

  /** The server's own await holds back what is typed meanwhile, and is ended by Ctrl-C. */
  #await(promise: Promise<unknown>, file: string, settle: (outcome: Outcome) => void): void {
    const { context } = this.#server;
    Object.defineProperty(context, AWAITED, { value: promise, configurable: true, writable: true });
    this.#callNative(`await ${AWAITED}`, file, (outcome) => {
      delete context[AWAITED];
      settle(outcome);
    });
  }

  #callNative(code: string, file: string, report: (outcome: Outcome) => void): void {
    this.#running = true;
    this.#native.call(this.#server, code, this.#server.context, file, (error, value) => {
      this.#running = false;
      if (error instanceof Recoverable) report({ kind: 'incomplete', error: error.err });
      // Null is success; a promise can be rejected with undefined.
      else if (error !== null) report({ kind: 'error', error });
      else report({ kind: 'value', value });
    });
    this.#running = false;
  }
}
