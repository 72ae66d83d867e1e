/** The prompt of a terminal. It has no input or output of its own: streams are handed in. */
import { clearScreenDown, cursorTo } from 'node:readline';
import { type REPLServer, Recoverable } from 'node:repl';
import type { Readable, Writable } from 'node:stream';
import { MODES, type Splice } from '../core/index.ts';
import { banner } from './banner.ts';
import type { Command } from './commands/command.ts';
import { type Completion, type CompletionSources, complete } from './completer.ts';
import { Evaluator } from './evaluator.ts';
import { HISTORY_LINES, type History } from './history.ts';
import { Printer } from './printer.ts';
import { describeProblem } from './problem.ts';
import { startServer } from './prompt-server.ts';

export interface SessionOptions {
  splice: Splice;
  commands: readonly Command[];
  input: Readable;
  /** A terminal, or something that behaves like one; `columns` is read each time. */
  output: Writable & { columns?: number };
  json: boolean;
  colors: boolean;
  /** Null: nothing is remembered. */
  history: History | null;
}

/** The parts of node:repl that its types do not name. */
type Server = REPLServer & { history: string[] };

/** What node:repl wants to be told; without a value it prints nothing. */
type Done = (error: unknown, value?: unknown) => void;

/** Talks until Ctrl-D or .exit. An error at the prompt is answered there, and is no failure. */
export async function runSession(options: SessionOptions): Promise<void> {
  const { splice, commands, input, output, json, colors, history } = options;
  output.write(`${banner(splice)}\n`);
  const printer = new Printer({ json, terminal: true, colors, width: () => output.columns, commands });
  let printed = '';
  const settings = {
    input,
    output,
    terminal: true,
    prompt: 'splice> ',
    useColors: colors,
    historySize: HISTORY_LINES,
    writer: () => printed,
    completer: (line: string): Completion => complete(line, completionSources(options, server)),
  };
  const server = startServer(commands, settings) as Server;
  if (history) server.history = [...history.lines];

  const complain = (thrown: unknown) => output.write(`${describeProblem(thrown)}\n`);
  const evaluator = new Evaluator(server, (thrown) => {
    cursorTo(output, 0);
    clearScreenDown(output);
    complain(thrown);
    server.displayPrompt(true);
  });
  const evaluate = (code: string, _context: unknown, file: string, done: Done) => {
    evaluator.run(code, file, (outcome) => {
      if (outcome.kind === 'incomplete') return done(new Recoverable(outcome.error));
      history?.append(server.history[0]);
      try {
        if (outcome.kind === 'error') throw outcome.error;
        printed = printer.format(outcome.value) ?? '';
      } catch (thrown) {
        complain(thrown);
        return done(null);
      }
      done(null, outcome.value);
    });
  };
  Object.assign(server, { eval: evaluate });
  stayOnCtrlC(server, evaluator);
  await new Promise((resolve) => server.once('exit', resolve));
}

/**
 * node:repl leaves at the second Ctrl-C on an empty line; to it, a line with a blank is not empty.
 * While code runs it handles the signal itself: a listener of ours on the process would disarm that.
 */
function stayOnCtrlC(server: Server, evaluator: Evaluator): void {
  const [cancel] = server.listeners('SIGINT') as (() => void)[];
  server.removeAllListeners('SIGINT');
  server.on('SIGINT', () => {
    // It came as a signal while code was running that has ended by itself.
    if (evaluator.running) return;
    if (!evaluator.busy && server.line === '') {
      server.write(' ');
      server.output.write('(Ctrl-D leaves)');
    }
    cancel?.call(server);
  });
}

function completionSources({ splice, commands }: SessionOptions, server: Server): CompletionSources {
  return {
    commands,
    liveKeys: () => liveKeys(splice),
    modes: [...MODES, 'bypass'],
    globals: () => Object.getOwnPropertyNames(server.context),
    dotCommands: () => Object.keys(server.commands).map((name) => `.${name}`),
  };
}

/** The keys that have an entry; none when they cannot be had, for Tab is no place for an error. */
function liveKeys(splice: Splice): string[] {
  try {
    return splice.entries({ owners: false }).map((entry) => entry.key);
  } catch {
    return [];
  }
}
