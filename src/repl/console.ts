/** What the names at the prompt have of the place where they were typed. */

export interface Console {
  /** One JSON value a line, and nothing else. */
  readonly json: boolean;
  /** Columns and lines of the terminal, asked for each time: it can be resized. Undefined: there is none. */
  width(): number | undefined;
  height(): number | undefined;
  /** Says something about what is done, for a person; a script does not say it. */
  say(text: string): void;
  /** Prints lines while a name is at work, as trace() does. */
  print(text: string): void;
  /** Prints a text in the place of the last one that was repainted, as watch() does; below it, without a terminal. */
  repaint(text: string): void;
}
