/** help(), made of what each name says of itself. */
import { type InspectOptions, inspect } from 'node:util';
import { nearest, SpliceError } from '../../core/index.ts';
import { FILTER_FIELDS } from '../../filter/index.ts';
import { wrap } from '../../view/wrap.ts';
import type { Command } from './command.ts';

/** Text that is printed as it is, where a string would be quoted. */
export class HelpText {
  readonly #written: (width?: number) => string;

  constructor(written: (width?: number) => string) {
    this.#written = written;
  }

  get text(): string {
    return this.#written();
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }

  [inspect.custom](_depth: number, { breakLength }: InspectOptions): string {
    return this.#written(breakLength);
  }
}

/** What help() explains that is no name of its own. */
export const TOPICS = ['filter'] as const;

/** The name `help` over all commands, itself included. */
export function helpCommand(others: readonly Command[]): Command {
  const help: Command = {
    name: 'help',
    usage: 'help(name?)',
    summary: 'lists the names, or explains one',
    details: "The name is given as text: help('reverse'). help('filter') lists what a filter can ask about.",
    example: "help('reverse')",
    argument: 'name',
    bare: true,
    value: (topic?: unknown) => {
      if (topic === undefined) return listAll(all);
      return topic === 'filter' ? explainFilters() : explain(find(all, topic));
    },
  };
  const all = [...others, help];
  return help;
}

/** What help(name) prints of one command, fitted into the columns of a terminal. */
export function explain({ usage, summary, details, example }: Command): HelpText {
  return new HelpText((width) => {
    const fitted = width ? wrap(details.replaceAll('\n', ' '), width, '  ') : `  ${details.replaceAll('\n', '\n  ')}`;
    return `${usage}  ${summary}\n\n${fitted}\n\n  example: ${example}`;
  });
}

function listAll(all: readonly Command[]): HelpText {
  const aliases = all.flatMap((command) => (command.aliases ?? []).map((alias) => `${alias} is ${command.name}`));
  return new HelpText(
    () => `${inColumns(all.map(({ usage, summary }) => [usage, summary]))}

Without parentheses and quotes: why KEY, rm KEY, mode bypass, ls port=6379
  (${aliases.join(', ')}).
help('reverse') explains one name, help('filter') the filters.
Ctrl-C cancels, Ctrl-D leaves.`,
  );
}

function explainFilters(): HelpText {
  const rows = FILTER_FIELDS.filter(({ live }) => !live).map(({ example, summary }) => [example, summary] as const);
  return new HelpText(
    () => `A filter is made of these, and of text that the key or the process's name
contains:

${inColumns(rows)}

Numbers: = != < <= > >=; text: = is the whole, ~ a part of it.
port and ip mean either end.
A blank or 'and' between them: both; or, not and parentheses as one expects;
"quotes" around text.

splice-tui, which goes on looking, also knows rate, p50 and p99.

  example: entries('port=6379 and not spliced')`,
  );
}

function inColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`).join('\n');
}

/** A topic is a name, or what the name stands for: help(reverse) is understood too. */
function find(all: readonly Command[], topic: unknown): Command {
  const found = all.find(
    ({ name, aliases = [], value }) => [name, ...aliases].includes(topic as string) || value === topic,
  );
  if (found) return found;
  const names = [...all.flatMap(({ name, aliases = [] }) => [name, ...aliases]), ...TOPICS];
  const meant = typeof topic === 'string' ? nearest(topic.replace(/\(.*$/s, ''), names) : null;
  const remedy = meant === null ? `one of ${names.join(', ')}` : `help('${meant}')`;
  throw new SpliceError('BAD_OPTION', `there is no help on ${inspect(topic)}`, remedy);
}
