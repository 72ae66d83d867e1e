/** `splice tui …` and `splice repl …`: the same as splice-tui and splice-repl. */
import { Command } from 'commander';

type Program = (argv: string[]) => Promise<number>;

/** Loaded when they are run: the one brings React, the other the REPL. */
const PROGRAMS: Record<string, { description: string; load: () => Promise<Program> }> = {
  tui: {
    description: 'The live view; the same as splice-tui.',
    load: async () => (await import('../tui/main.ts')).runTui,
  },
  repl: {
    description: 'The prompt; the same as splice-repl.',
    load: async () => (await import('../repl/main.ts')).runRepl,
  },
};

/** How they stand in `splice --help`. */
export function programCommands(): Command[] {
  return Object.entries(PROGRAMS).map(([name, { description }]) =>
    new Command(name).description(description).argument('[arguments...]'),
  );
}

/** The program that a first argument names; it parses the arguments behind by itself. */
export function findProgram(name: string | undefined): Program | undefined {
  const program = Object.entries(PROGRAMS).find(([known]) => known === name)?.[1];
  return program && (async (argv) => (await program.load())(argv));
}
