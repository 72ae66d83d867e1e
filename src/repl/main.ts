/** The program splice-repl: options, and the process's own streams handed to what needs them. */
import { createReadStream } from 'node:fs';
import type { Command as CommandLine } from 'commander';
import { createCommand, runCommand } from '../cli/usage.ts';
import { readStream } from '../core/bounded-file.ts';
import { openSplice, printable, SpliceError } from '../core/index.ts';
import { createCommands } from './commands/index.ts';
import { EditJournal } from './edit-journal.ts';
import { History } from './history.ts';
import { openHistoryFile } from './history-file.ts';
import { PendingEdits } from './pending-edits.ts';
import { MOST_OF_SCRIPT, runScripts, type Script } from './script.ts';
import { runSession } from './session.ts';
import { readStartupFile } from './startup-file.ts';
import { scriptConsole, terminalConsole } from './terminal-console.ts';

interface Options {
  pin: string;
  eval?: string[];
  json?: boolean;
}

/** Runs splice-repl; returns the exit status. */
export async function runRepl(argv: readonly string[]): Promise<number> {
  let status = 0;
  const usage = await runCommand(
    commandLine(async (file, options) => {
      status = await run(file, options);
    }),
    argv,
  );
  return usage || status;
}

function commandLine(action: (file: string | undefined, options: Options) => Promise<void>): CommandLine {
  return createCommand('splice-repl')
    .description('Explore and debug a splice at a prompt, or run JavaScript with its names: help() lists them.')
    .argument('[file]', 'a script to run instead; without a terminal, standard input is one')
    .option('-e, --eval <expression>', 'evaluate and print; can be repeated', append)
    .option('--json', 'print results as JSON, one a line')
    .action(action);
}

function append(expression: string, earlier: string[] = []): string[] {
  return [...earlier, expression];
}

async function run(file: string | undefined, { pin, eval: expressions = [], json = false }: Options): Promise<number> {
  const { stdin, stdout, stderr } = process;
  using splice = openSplice({ pin });
  const edits = new PendingEdits();
  const around = { splice, edits, journal: new EditJournal() };
  let status = 0;
  if (file === undefined && expressions.length === 0 && stdin.isTTY && stdout.isTTY) {
    const console = terminalConsole(stdout, json);
    const history = openHistory();
    const startup = readStartup();
    const commands = createCommands({ ...around, console });
    const streams = { input: stdin, output: stdout, colors: stdout.hasColors() };
    await runSession({ splice, commands, edits, console, ...streams, json, history, startup });
    history?.close();
  } else {
    const scripts: Script[] = expressions.map((expression) => ({ text: expression }));
    if (file !== undefined) scripts.push({ text: await read(file, createReadStream(file)), file });
    if (scripts.length === 0) scripts.push({ text: await read('standard input', stdin), file: 'stdin', lines: true });
    const commands = createCommands({ ...around, console: scriptConsole(stdout, json) });
    status = await runScripts(scripts, { commands, output: stdout, errors: stderr, json, edits });
  }
  if (edits.count > 0) stderr.write('Waiting for the end of an edit that is under way.\n');
  await edits.ended();
  return status;
}

/** Null when there is none; when it may not be run too, with a word on stderr. */
function readStartup(): Script | null {
  try {
    return readStartupFile(process.env);
  } catch (error) {
    process.stderr.write(`${printable((error as Error).message)}\n`);
    return null;
  }
}

/** Null, with a word on stderr, when there is no safe place for it: the prompt does without. */
function openHistory(): History | null {
  try {
    return new History(openHistoryFile(process.env));
  } catch (error) {
    process.stderr.write(`What you type is not remembered: ${printable((error as Error).message)}\n`);
    return null;
  }
}

/** Of a pipe, as of a file: it ends before memory does. */
async function read(name: string, stream: AsyncIterable<Buffer>): Promise<string> {
  try {
    return await readStream(stream, MOST_OF_SCRIPT);
  } catch (error) {
    const why = printable((error as Error).message);
    throw new SpliceError(
      'FILE_NOT_READ',
      `${printable(name)} cannot be read: ${why}`,
      'a file with JavaScript',
      error,
    );
  }
}
