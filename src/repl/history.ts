/** Lines typed in earlier sessions, kept in a file: the oldest first, one a line. */
import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { readEnd } from '../core/bounded-file.ts';

/** As many as are remembered. */
export const HISTORY_LINES = 1000;

/** What is read of a longer file: its end. */
const MOST_BYTES = 1 << 20;

export class History {
  readonly #descriptor: number;
  /** The newest first, as node:readline has them; several lines of one statement are joined by `\r`. */
  readonly lines: readonly string[];
  #last: string | undefined;

  /** Takes over a descriptor that is open for reading and appending. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const isLong = fstatSync(descriptor).size > MOST_BYTES;
    const stored = readEnd(descriptor, MOST_BYTES)
      .toString()
      .split('\n')
      .slice(isLong ? 1 : 0);
    const kept = stored.filter((line) => line !== '' && isPlain(line)).slice(-HISTORY_LINES);
    // A session only appends, so that two at once keep the lines of both; what is too much goes here.
    if (isLong || stored.length > 2 * HISTORY_LINES) {
      ftruncateSync(descriptor);
      writeSync(descriptor, kept.map((line) => `${line}\n`).join(''));
    }
    this.lines = kept.reverse();
    this.#last = this.lines[0];
  }

  /**
   * Remembers a line; not the same one twice in a row, and none that begins with a blank.
   * @throws what write(2) says, for instance ENOSPC
   */
  append(line: string | undefined): void {
    if (!line || line === this.#last || /^\s/.test(line) || !isPlain(line)) return;
    this.#last = line;
    writeSync(this.#descriptor, `${line}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Escapes in the file would reach the terminal with the arrow keys. */
function isPlain(line: string): boolean {
  return !/[\p{Cc}]/u.test(line.replace(/[\r\t]/g, ''));
}
