/** What a value looks like: a table, a card, JSON, or as node shows it. */
import { type InspectOptions, inspect, types } from 'node:util';
import { Entry, type EntryJson, printable } from '../core/index.ts';
import { FORMATTING } from '../core/printable.ts';
import { jsonText } from '../view/json.ts';
import { entryCard } from './card.ts';
import type { Command } from './commands/command.ts';
import { explain } from './commands/help.ts';
import { EntryList } from './values/entry-list.ts';
import { Groups } from './values/groups.ts';
import { entryTable, groupTable } from './values/tables.ts';

export interface PrintOptions {
  /** One JSON value a line, and nothing else. */
  json: boolean;
  /** A person reads it: text is quoted, so that '5' and 5 differ. */
  terminal: boolean;
  colors: boolean;
  /** Columns and lines of the terminal, asked for each time: it can be resized. Undefined: do not fit. */
  width: () => number | undefined;
  height: () => number | undefined;
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
    const { terminal, colors, width, height, commands } = this.#options;
    // Asking anything of a proxy would call the user's traps.
    if (types.isProxy(value)) return shown(value, { colors, showProxy: true });
    if (isEntry(value)) return entryCard(value);
    if (isTable(value)) return entryTable(value, width(), height());
    if (value instanceof Groups) return groupTable(value, width(), height());
    const command = typeof value === 'function' && commands.find((candidate) => candidate.value === value);
    if (command) return inspect(explain(command), { breakLength: width() ?? 80 });
    if (typeof value === 'string' && !terminal) return value;
    return shown(value, { colors, breakLength: width() ?? 80, depth: 4, showProxy: true });
  }
}

/** As node shows it, which escapes control characters, but no marks that reorder text. */
function shown(value: unknown, options: InspectOptions): string {
  return inspect(value, options).replace(FORMATTING, printable);
}

/** Entries of core, or their JSON form, in an array; a list of ours may be empty. */
function isTable(value: unknown): value is EntryJson[] {
  if (!Array.isArray(value)) return false;
  if (value.length === 0) return value instanceof EntryList;
  return value.every((item) => item instanceof Entry || isEntry(item));
}

/** An entry of core, or its JSON form. */
function isEntry(value: unknown): value is EntryJson {
  const fields: (keyof EntryJson)[] = ['key', 'keyHex', 'cookie', 'passes', 'process'];
  return (
    typeof value === 'object' && value !== null && !types.isProxy(value) && fields.every((field) => field in value)
  );
}

/** JSON, for maps and sets too; null for what JSON has no form for, such as a function. */
function formatJson(value: unknown): string | null {
  return jsonText(value, (_name, item) => {
    if (types.isMap(item)) return Object.fromEntries(item);
    return types.isSet(item) ? [...item] : item;
  });
}
