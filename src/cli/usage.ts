/** What the three programs share on the command line: options, errors, exit status. */

import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { readText } from '../core/bounded-file.ts';
import { defaultPin, exitStatusOf, formatError, printable, SpliceError } from '../core/index.ts';

/** Of our own package.json. */
const MOST_OF_PACKAGE = 1 << 20;

/** Commander ends `--help` and `--version` with these. */
const NOT_ERRORS = ['commander.helpDisplayed', 'commander.version'];

/** A command that throws instead of leaving the process. */
export function baseCommand(name: string): Command {
  return new Command(name)
    .helpOption('-h, --help', 'show this help')
    .showSuggestionAfterError(true)
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
}

/** A command that works on a splice: `--pin` says which. */
export function createCommand(name: string): Command {
  return baseCommand(name).option('--pin <directory>', 'where the splice is pinned (or SPLICE_PIN)', defaultPin());
}

/**
 * Parses and runs a command, and prints what goes wrong.
 * @returns the exit status of the contract: 0 done, 1 it could not be done, 2 wrong usage, 3 this
 * machine or user cannot
 */
export async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const subcommand = command.commands.find((one) => one.name() === argv[0]);
  const name = [command.name(), ...(subcommand ? [subcommand.name()] : [])].join(' ');
  try {
    if (command.commands.length > 0 && argv.length === 0) {
      throw new SpliceError('BAD_OPTION', `${name} needs a command`, `${name} --help, which lists them`);
    }
    await command.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && NOT_ERRORS.includes(error.code)) return 0;
    const ours = error instanceof CommanderError ? wrongUsage(name, error) : error;
    process.stderr.write(`${formatError(ours)}\n`);
    return exitStatusOf(ours);
  }
}

/** Says what to know of something that was done all the same. */
export function warn(texts: readonly string[]): void {
  for (const text of texts) process.stderr.write(`warning: ${text}\n`);
}

/** An option's value as a whole number within bounds; for commander's `.option(…, parser)`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** The version in package.json. */
export function version(): string {
  const path = join(import.meta.dirname, '..', '..', 'package.json');
  return (JSON.parse(readText(path, MOST_OF_PACKAGE)) as { version: string }).version;
}

function wrongUsage(name: string, error: CommanderError): SpliceError {
  // What was typed is in it, and may have any character.
  const [, what = '', meant] = /^(?:error: )?(.*?)(?:\n\((Did you mean .*)\))?$/s.exec(error.message) ?? [];
  const hint = meant === undefined ? '' : `${printable(meant)} — `;
  return new SpliceError('BAD_OPTION', printable(what), `${hint}${name} --help`, error);
}
