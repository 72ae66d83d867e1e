/** A splice that is not loaded: what the pure names, help and errors can be tried with anywhere. */
import { PassThrough } from 'node:stream';
import { openSplice, type Splice } from '../../src/core/index.ts';
import type { Command } from '../../src/repl/commands/command.ts';
import { createCommands } from '../../src/repl/commands/index.ts';
import { EditJournal } from '../../src/repl/edit-journal.ts';
import { PendingEdits } from '../../src/repl/pending-edits.ts';
import { scriptConsole } from '../../src/repl/terminal-console.ts';
import { patience } from '../setup/patience.ts';

export const KEY = '10.0.0.1:5000->10.0.0.2:80';
export const REVERSE = '10.0.0.2:80->10.0.0.1:5000';

export function noSplice(): Splice {
  return openSplice({ pin: `/sys/fs/bpf/splice-test-none-${process.pid}` });
}

export function commandsOf(splice: Splice, edits = new PendingEdits()): Command[] {
  const console = scriptConsole(new PassThrough(), false);
  return createCommands({ splice, edits, journal: new EditJournal(), console });
}

/** Waits until a condition holds; fails after five seconds with what was there instead. */
export async function eventually(condition: () => boolean, shown: () => string): Promise<void> {
  const deadline = performance.now() + patience(5000);
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not in time; there is:\n${shown()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
