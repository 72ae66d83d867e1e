/** Evaluation without a terminal: -e, a file, standard input. */
import { PassThrough, type Writable } from 'node:stream';
import { printableLines } from '../core/printable.ts';
import type { Command } from './commands/command.ts';
import { Evaluator, type Outcome } from './evaluator.ts';
import type { PendingEdits } from './pending-edits.ts';
import { Printer } from './printer.ts';
import { describeProblem } from './problem.ts';
import { startServer } from './prompt-server.ts';
import { splitLines } from './statements.ts';

/** A text to run. `lines`: print the value of each statement, not only of the last one. */
export interface Script {
  text: string;
  /** The name in messages; undefined when the user did not give one. */
  file?: string;
  lines?: boolean;
}

/** Bytes that a script may have. */
export const MOST_OF_SCRIPT = 1 << 24;

export interface ScriptOptions {
  commands: readonly Command[];
  output: Writable;
  errors: Writable;
  json: boolean;
  /** Waited for at the end: an edit that nobody awaits may still fail. */
  edits: PendingEdits;
}

/**
 * Runs the scripts in order in one context and prints what they come to.
 * @returns the exit status: 1 at the first error, which ends the run
 */
export async function runScripts(scripts: readonly Script[], options: ScriptOptions): Promise<number> {
  const { commands, output, errors, json, edits } = options;
  let status = 0;
  const complain = (thrown: unknown, file?: string) => {
    status = 1;
    errors.write(`${describeProblem(thrown, { file, names: () => evaluator.variables.names() })}\n`);
  };
  const none = () => undefined;
  const server = startServer(commands, { input: new PassThrough(), output, terminal: false, prompt: '' });
  const evaluator = new Evaluator(server, commands, complain);
  const printer = new Printer({ json, terminal: false, colors: false, width: none, height: none, commands });
  try {
    for (const { text, file, lines } of scripts) {
      const code = text.replace(/^#!/, '//');
      for await (const outcome of evaluateAll(lines ? splitLines(code) : [code], file ?? 'REPL', evaluator)) {
        const problem = await print(outcome, printer, output);
        if (problem) complain(problem.thrown, file);
        if (status !== 0) return status;
      }
    }
    await edits.ended();
    return status;
  } finally {
    server.close();
  }
}

/** The outcome of each piece; a piece that is incomplete is taken together with the next one. */
async function* evaluateAll(pieces: string[], file: string, evaluator: Evaluator): AsyncGenerator<Outcome> {
  let code = '';
  let outcome: Outcome = { kind: 'value', value: undefined };
  for (const piece of pieces) {
    code += piece;
    outcome = await evaluator.evaluate(code, file);
    if (outcome.kind === 'incomplete') continue;
    yield outcome;
    // Empty lines instead of what has run keep the line numbers of messages right.
    code = code.replace(/[^\n]/g, '');
  }
  if (outcome.kind === 'incomplete') yield { kind: 'error', error: outcome.error };
}

/** Prints a value, or says what was thrown: by the script or by the printing of its value. */
async function print(outcome: Outcome, printer: Printer, output: Writable): Promise<{ thrown: unknown } | null> {
  if (outcome.kind !== 'value') return { thrown: outcome.error };
  try {
    const text = printer.format(outcome.value);
    // A program gets a string as it is; a terminal must not obey what is in it.
    const isTerminal = (output as { isTTY?: boolean }).isTTY === true;
    if (text !== null) await write(output, `${isTerminal ? printableLines(text) : text}\n`);
    return null;
  } catch (thrown) {
    return { thrown };
  }
}

/** Waits until it is written, or cannot be: then the script goes on, and the stream's owner tells. */
function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}
