/** What a value looks like: a table, a card, JSON, or as node shows it. */
import { inspect, types } from 'node:util';
import type { EntryJson } from '../core/index.ts';
import { plainTable } from '../view/plain-table.ts';
import { entryCard } from './card.ts';
import type { Command } from './commands/command.ts';
import { explain } from './commands/help.ts';

export interface PrintOptions {
  /** One JSON value a line, and nothing else. */
  json: boolean;
  /** A person reads it: text is quoted, so that '5' and 5 differ. */
  terminal: boolean;
  colors: boolean;
  /** Columns of the terminal, asked for each time: it can be resized. Undefined: do not fit. */
  width: () => number | undefined;
  commands: readonly Command[];
}

export class Printer {
  readonly #options: PrintOptions;

  constructor(options: PrintOptions) {
    this.#options = options;
  }

  /** The text of a value without a newline at the end; null when there is nothing to print. */
  format(value: unknown): string | null {
    if (value === undefined) return null;
    return this.#options.json ? formatJson(value) : this.#formatPlain(value);
  }

  #formatPlain(value: unknown): string {
    const { terminal, colors, width, commands } = this.#options;
    if (isEntry(value)) return entryCard(value);
    if (Array.isArray(value) && value.length > 0 && value.every(isEntry)) {
      return plainTable(value, width());
    }
    const command = typeof value === 'function' && commands.find((candidate) => candidate.value === value);
    if (command) return explain(command).text;
    if (typeof value === 'string' && !terminal) return value;
    return inspect(value, { colors, breakLength: width() ?? 80, depth: 4, showProxy: true });
  }
}

/** An entry of core, or its JSON form. */
function isEntry(value: unknown): value is EntryJson {
  const fields: (keyof EntryJson)[] = ['key', 'keyHex', 'cookie', 'passes', 'process'];
  return typeof value === 'object' && value !== null && fields.every((field) => field in value);
}

/** JSON.stringify, for maps and sets too; null for what JSON has no form for, such as a function. */
function formatJson(value: unknown): string | null {
  return (
    JSON.stringify(value, (_name, item) => {
      if (types.isMap(item)) return Object.fromEntries(item);
      return types.isSet(item) ? [...item] : item;
    }) ?? null
  );
}
