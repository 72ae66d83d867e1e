/** What a name at the prompt is, and the help that every one of them carries. */
import type { Splice } from '../../core/index.ts';
import type { Console } from '../console.ts';
import type { EditJournal } from '../edit-journal.ts';
import type { PendingEdits } from '../pending-edits.ts';

/** What the first argument is, so that Tab can offer it. */
export type ArgumentKind = 'key' | 'mode' | 'name' | 'filter';

/** What a name gives, so that Tab can offer what comes after the dot. */
export type ResultKind = 'entries' | 'entry' | 'key';

export interface Command {
  readonly name: string;
  /** Other names for the same, for those who type no parentheses. */
  readonly aliases?: readonly string[];
  /** How it is called, e.g. `lookup(key)`. */
  readonly usage: string;
  /** One line for the list of help(). */
  readonly summary: string;
  /** More for help(name): what is returned, what can go wrong. */
  readonly details: string;
  /** A line that can be typed as it is. */
  readonly example: string;
  readonly argument?: ArgumentKind;
  /** Names of the fields of its options. */
  readonly options?: readonly string[];
  readonly result?: ResultKind;
  /** What follows the name, typed without parentheses, as arguments; the whole as one text when it is left out. */
  readonly words?: (rest: string) => readonly unknown[];
  /** Alone on a line, it is run: it changes nothing, and needs no argument. */
  readonly bare?: true;
  /** What the name stands for at the prompt. */
  readonly value: unknown;
}

/** What commands work on. */
export interface Surroundings {
  readonly splice: Splice;
  readonly edits: PendingEdits;
  readonly journal: EditJournal;
  readonly console: Console;
}

/** The key of every example, the same as in the documentation. */
export const EXAMPLE_KEY = '10.0.0.1:5000->10.0.0.2:80';
