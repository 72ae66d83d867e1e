/** Text in lines that carries what it means: views that scroll are made of it, and tests read it. */
import { cut, displayWidth } from '../view/width.ts';
import type { Meaning } from './theme.ts';

/** A piece of a line; text alone is plain. */
export type Span = string | readonly [meaning: Meaning, text: string];
export type StyledLine = readonly Span[];

/** The line without its meanings. */
export function plainText(line: StyledLine): string {
  return line.map(textOf).join('');
}

/** In columns of the terminal. */
export function lineWidth(line: StyledLine): number {
  return displayWidth(plainText(line));
}

/** What a span shows. */
export function textOf(span: Span): string {
  return typeof span === 'string' ? span : span[1];
}

/** What a span stands for, which the theme gives a colour. */
export function meaningOf(span: Span): Meaning {
  return typeof span === 'string' ? 'plain' : span[0];
}

/** The line cut or filled up with blanks to exactly `width` columns. */
export function fitLine(line: StyledLine, width: number): StyledLine {
  const fitted: Span[] = [];
  let room = width;
  for (const span of line) {
    if (room <= 0) break;
    const text = cut(textOf(span), room);
    fitted.push([meaningOf(span), text]);
    room -= displayWidth(text);
  }
  return room > 0 ? [...fitted, ' '.repeat(room)] : fitted;
}

/** Words in lines of at most `width`; a word that is longer is cut. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = cut(word, width);
  }
  return line === '' ? lines : [...lines, line];
}

/** Two blocks side by side, the left one `leftWidth` wide, with `gap` blanks between. */
export function beside(
  left: readonly StyledLine[],
  leftWidth: number,
  right: readonly StyledLine[],
  gap: number,
): StyledLine[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [
    ...fitLine(left[index] ?? [], leftWidth),
    ' '.repeat(gap),
    ...(right[index] ?? []),
  ]);
}

/** A heading, and what stands beside it. */
export function heading(title: string, ...beside: readonly Span[]): StyledLine {
  return [['title', title], ...(beside.length > 0 ? ['  ', ...beside] : [])];
}
