/** The lines of a recording before anything in them is believed. */
import { readSync } from 'node:fs';
import { Flaw } from './checks.ts';
import { MOST } from './format.ts';

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;
const [QUOTE, BACKSLASH, COMMA, OPENING_LIST, CLOSING_LIST, OPENING_OBJECT, CLOSING_OBJECT] = Buffer.from('"\\,[]{}');

export interface Line {
  readonly offset: number;
  readonly bytes: Buffer;
  /** Whether a newline ends it. */
  readonly isWhole: boolean;
}

/** The lines of a file. One that is too long comes in part: nothing in it can be right. */
export function* linesOf(fd: number): Generator<Line> {
  let pieces: Buffer[] = [];
  let length = 0;
  let offset = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const read = readSync(fd, chunk, 0, chunk.length, offset + length);
    if (read === 0) break;
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && end < read; end = chunk.indexOf(NEWLINE, begin)) {
      const bytes = Buffer.concat([...pieces, chunk.subarray(begin, end)]);
      yield { offset, bytes, isWhole: true };
      offset += bytes.length + 1;
      begin = end + 1;
      [pieces, length] = [[], 0];
    }
    pieces.push(chunk.subarray(begin, read));
    length += read - begin;
    if (length >= MOST.lineBytes) break;
  }
  if (length > 0) yield { offset, bytes: Buffer.concat(pieces), isWhole: length >= MOST.lineBytes };
}

/**
 * Refuses a line that would take much more memory as values than as text: JSON.parse() asks nobody.
 * @throws Flaw
 */
export function checkShape(bytes: Uint8Array): void {
  if (bytes.length >= MOST.lineBytes) throw new Flaw(`it is longer than ${MOST.lineBytes} bytes`);
  let [depth, values, isText] = [0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isText = !isText;
    else if (isText) {
      if (byte === BACKSLASH) at++;
    } else if (byte === OPENING_LIST || byte === OPENING_OBJECT) {
      values++;
      if (++depth > MOST.depth) throw new Flaw(`it has lists in lists, more than ${MOST.depth} deep`);
    } else if (byte === CLOSING_LIST || byte === CLOSING_OBJECT) depth--;
    else if (byte === COMMA) values++;
  }
  if (values > MOST.values) throw new Flaw(`it has more than ${MOST.values} values`);
}
