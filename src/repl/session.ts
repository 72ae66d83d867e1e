/** The prompt of a terminal. It has no input or output of its own: streams are handed in. */
import { clearScreenDown, cursorTo } from 'node:readline';
import { type REPLServer, Recoverable } from 'node:repl';
import type { Readable } from 'node:stream';
import { printable, type Splice } from '../core/index.ts';
import { banner } from './banner.ts';
import type { Command } from './commands/command.ts';
import { complete } from './completion/complete.ts';
import type { Completion } from './completion/offer.ts';
import { completionSources } from './completion/sources.ts';
import { stayOnCtrlC } from './ctrl-c.ts';
import { Evaluator } from './evaluator.ts';
import { HISTORY_LINES, type History } from './history.ts';
import { Interruption, isInterruption } from './interruption.ts';
import type { PendingEdits } from './pending-edits.ts';
import { Printer } from './printer.ts';
import { describeProblem } from './problem.ts';
import { startServer } from './prompt-server.ts';
import type { Script } from './script.ts';
import type { Terminal, TerminalConsole } from './terminal-console.ts';

export interface SessionOptions {
  splice: Splice;
  commands: readonly Command[];
  edits: PendingEdits;
  console: TerminalConsole;
  input: Readable;
  output: Terminal;
  json: boolean;
  colors: boolean;
  /** Null: nothing is remembered. */
  history: History | null;
  /** Run before the first line; null when there is none. */
  startup: Script | null;
}

/** The parts of node:repl that its types do not name. */
type Server = REPLServer & { history: string[] };

/** What node:repl wants to be told; without a value it prints nothing. */
type Done = (error: unknown, value?: unknown) => void;

/** Talks until Ctrl-D or .exit. An error at the prompt is answered there, and is no failure. */
export async function runSession(options: SessionOptions): Promise<void> {
  const { splice, commands, edits, console, input, output, json, colors, history, startup } = options;
  output.write(`${banner(splice)}\n`);
  const { width, height } = console;
  const printer = new Printer({ json, terminal: true, colors, width, height, commands });
  let printed = '';
  const settings = {
    input,
    output,
    terminal: true,
    prompt: 'splice> ',
    useColors: colors,
    historySize: HISTORY_LINES,
    writer: () => printed,
    completer: (line: string): Completion => complete(line, sources),
  };
  const server = startServer(commands, settings) as Server;
  if (history) server.history = [...history.lines];

  const names = () => [...evaluator.variables.names(), ...sources.methods()];
  const complain = (thrown: unknown, file?: string) => {
    output.write(`${describeProblem(thrown, { names, width: width() ?? 80, file })}\n`);
  };
  const besidesThePrompt = (act: () => void) => {
    cursorTo(output, 0);
    clearScreenDown(output);
    act();
    server.displayPrompt(true);
  };
  const evaluator = new Evaluator(server, commands, (thrown) => besidesThePrompt(() => complain(thrown)));
  const sources = completionSources({ splice, commands, server, variables: evaluator.variables });

  let remembered = history;
  // A full disk is no reason to keep an answer back.
  const remember = (line: string | undefined) => {
    try {
      remembered?.append(line);
    } catch (error) {
      remembered = null;
      output.write(`What you type is no longer remembered: ${printable((error as Error).message)}\n`);
    }
  };
  const answer = async (line: Interruption, error: unknown) => {
    if (!isInterruption(error)) return complain(error);
    // What the edit came to says more than that it was interrupted.
    const failures = await edits.failures();
    for (const failure of failures) complain(failure);
    if (failures.length === 0 && !line.isTheEnd) output.write('interrupted\n');
  };
  const evaluate = (code: string, _context: unknown, file: string, done: Done) => {
    const line = new Interruption();
    console.atPrompt();
    evaluator.run(
      code,
      file,
      (outcome) => {
        if (outcome.kind === 'incomplete') return done(new Recoverable(outcome.error));
        remember(server.history[0]);
        if (outcome.kind === 'error') {
          // Without a pause where there is none: pasted lines keep their order.
          if (isInterruption(outcome.error)) return void answer(line, outcome.error).then(() => done(null));
          complain(outcome.error);
          return done(null);
        }
        try {
          printed = printer.format(outcome.value) ?? '';
        } catch (thrown) {
          complain(thrown);
          return done(null);
        }
        done(null, outcome.value);
      },
      line,
    );
  };
  Object.assign(server, { eval: evaluate });
  stayOnCtrlC(server, evaluator);
  input.on('keypress', () => sources.typed(server.line));
  if (startup) await runStartup(startup);
  await new Promise((resolve) => server.once('exit', resolve));

  async function runStartup({ text, file = '' }: Script): Promise<void> {
    const outcome = await evaluator.evaluate(text, file);
    if (outcome.kind !== 'value') besidesThePrompt(() => complain(outcome.error, file));
    else besidesThePrompt(() => {});
  }
}
