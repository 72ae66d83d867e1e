/** Sentences broken into lines. */
import { displayWidth } from './width.ts';

/** The text in lines of at most `width` columns, broken at blanks, each with the indentation before it. */
export function wrap(text: string, width: number = Number.POSITIVE_INFINITY, indentation = ''): string {
  const lines: string[] = [];
  let line = indentation;
  for (const word of text.split(' ')) {
    const longer = line === indentation ? line + word : `${line} ${word}`;
    if (displayWidth(longer) <= width || line === indentation) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = indentation + word;
  }
  return [...lines, line].join('\n');
}
