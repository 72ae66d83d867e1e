/** `splice demo` */
import type { Command } from 'commander';
import { hasTerminal } from '../view/has-terminal.ts';
import { createCommand, wholeNumber } from './usage.ts';

interface Options {
  pin: string;
  seconds: number;
  tui: boolean;
}

export function demoCommand(): Command {
  return createCommand('demo')
    .description('Two hosts with real services talking: spliced, shown, measured, and removed again.')
    .option('--seconds <number>', 'how long to run when there is no live view', wholeNumber(1, 86_400), 10)
    .option('--no-tui', 'print a report instead of opening the live view')
    .action(async ({ pin, seconds, tui }: Options, command: Command) => {
      const chosen = command.getOptionValueSource('pin') === 'cli' ? pin : undefined;
      const { runDemo } = await import('../demo/demo.ts');
      await runDemo({ pin: chosen, seconds, tui: tui && hasTerminal() });
    });
}
