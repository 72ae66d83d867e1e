/** A drawing of characters, each with a meaning. What is put outside is not drawn. */
import { displayWidth } from '../view/width.ts';
import type { Span, StyledLine } from './lines.ts';
import type { Meaning } from './theme.ts';

interface Cell {
  readonly text: string;
  readonly meaning: Meaning;
}

export class Canvas {
  readonly width: number;
  /** Undefined where nothing is; an empty text behind a character that takes two columns. */
  readonly #rows: (Cell | undefined)[][];

  constructor(width: number, height: number) {
    this.width = width;
    this.#rows = Array.from({ length: height }, () => []);
  }

  put(x: number, y: number, text: string, meaning: Meaning): void {
    const row = this.#rows[y];
    if (row === undefined) return;
    const isPlain = displayWidth(text) === text.length;
    const pieces = isPlain ? [...text] : [text];
    let at = x;
    for (const piece of pieces) {
      const columns = isPlain ? 1 : displayWidth(piece);
      if (at >= 0 && at + columns <= this.width) {
        for (let behind = 1; behind < columns; behind++) row[at + behind] = { text: '', meaning };
        row[at] = { text: piece, meaning };
      }
      at += columns;
    }
  }

  /** From `x` on to the right, `length` columns. */
  across(x: number, y: number, character: string, length: number, meaning: Meaning): void {
    this.put(x, y, character.repeat(Math.max(0, length)), meaning);
  }

  lines(): StyledLine[] {
    return this.#rows.map((row) => {
      const spans: Span[] = [];
      let text = '';
      let meaning: Meaning = 'plain';
      for (const cell of Array.from(row)) {
        const now = cell?.meaning ?? 'plain';
        if (now !== meaning && text !== '') {
          spans.push([meaning, text]);
          text = '';
        }
        meaning = now;
        text += cell?.text ?? ' ';
      }
      return text === '' ? spans : [...spans, [meaning, text]];
    });
  }
}
