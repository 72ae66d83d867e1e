/** What a name at the prompt is, and the help that every one of them carries. */

/** What the first argument is, so that Tab can offer it. */
export type ArgumentKind = 'key' | 'mode' | 'name';

export interface Command {
  readonly name: string;
  /** How it is called, e.g. `lookup(key)`. */
  readonly usage: string;
  /** One line for the list of help(). */
  readonly summary: string;
  /** More for help(name): what is returned, what can go wrong. */
  readonly details: string;
  /** A line that can be typed as it is. */
  readonly example: string;
  readonly argument?: ArgumentKind;
  /** What the name stands for at the prompt. */
  readonly value: unknown;
}

/** The key of every example, the same as in the documentation. */
export const EXAMPLE_KEY = '10.0.0.1:5000->10.0.0.2:80';
