/** help(), made of what each name says of itself. */
import { inspect } from 'node:util';
import { SpliceError } from '../../core/index.ts';
import type { Command } from './command.ts';

/** Text that is printed as it is, where a string would be quoted. */
export class HelpText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }

  [inspect.custom](): string {
    return this.text;
  }
}

/** The name `help` over all commands, itself included. */
export function helpCommand(others: readonly Command[]): Command {
  const help: Command = {
    name: 'help',
    usage: 'help(name?)',
    summary: 'lists the names, or explains one',
    details: "The name is given as text: help('reverse').",
    example: "help('reverse')",
    argument: 'name',
    value: (topic?: unknown) => (topic === undefined ? listAll(all) : explain(find(all, topic))),
  };
  const all = [...others, help];
  return help;
}

/** What help(name) prints of one command. */
export function explain(command: Command): HelpText {
  const details = command.details.replaceAll('\n', '\n  ');
  return new HelpText(`${command.usage}  ${command.summary}\n\n  ${details}\n\n  example: ${command.example}`);
}

function listAll(all: readonly Command[]): HelpText {
  const width = Math.max(...all.map((command) => command.usage.length));
  const lines = all.map((command) => `${command.usage.padEnd(width)}  ${command.summary}`);
  return new HelpText(`${lines.join('\n')}\n\nhelp('reverse') explains one. Ctrl-C cancels, Ctrl-D leaves.`);
}

/** A topic is a name, or what the name stands for: help(reverse) is understood too. */
function find(all: readonly Command[], topic: unknown): Command {
  const found = all.find((command) => command.name === topic || command.value === topic);
  if (found) return found;
  const names = all.map((command) => command.name).join(', ');
  throw new SpliceError('BAD_OPTION', `there is no help on ${inspect(topic)}`, `one of ${names}`);
}
