/** A mark under the part of a text that is wrong. */
import { type InputError, printable } from '../core/index.ts';
import { cut, displayWidth } from './width.ts';

/** As much of the text as is shown before the bad part. */
const MOST_BEFORE = 30;

/** The text and, under it, the mark; two lines, neither wider than `width`. */
export function caret({ text, position, length }: InputError, width = 80): string {
  const from = Math.max(0, position - MOST_BEFORE);
  const before = (from > 0 ? '…' : '') + printable(text.slice(from, position));
  const bad = printable(text.slice(position, position + length));
  const shown = `  ${before}${bad}${printable(text.slice(position + length))}`;
  const mark = `  ${' '.repeat(displayWidth(before))}${'^'.repeat(Math.max(1, displayWidth(bad)))}`;
  return [cut(shown, width), cut(mark, width)].join('\n');
}
