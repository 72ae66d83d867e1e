/** A line that is being typed. */

export interface Line {
  readonly text: string;
  /** How many characters are before the cursor. */
  readonly cursor: number;
}

/** A line with the cursor at its end. */
export function lineOf(text: string): Line {
  return { text, cursor: [...text].length };
}

/** The line after a key, by its name (see input.ts); the same line when the key does nothing to it. */
export function edit(line: Line, key: string): Line {
  const characters = [...line.text];
  const { cursor } = line;
  const moved = (to: number) => ({ ...line, cursor: Math.max(0, Math.min(to, characters.length)) });
  const cut = (from: number, to: number) => {
    if (from < 0 || from >= to) return line;
    return { text: [...characters.slice(0, from), ...characters.slice(to)].join(''), cursor: from };
  };
  switch (key) {
    case 'left':
      return moved(cursor - 1);
    case 'right':
      return moved(cursor + 1);
    case 'home':
    case 'ctrl-a':
      return moved(0);
    case 'end':
    case 'ctrl-e':
      return moved(characters.length);
    case 'backspace':
      return cut(cursor - 1, cursor);
    case 'delete':
      return cut(cursor, Math.min(cursor + 1, characters.length));
    case 'ctrl-u':
      return cut(0, cursor);
    default:
      if ([...key].length !== 1) return line;
      return { text: [...characters.slice(0, cursor), key, ...characters.slice(cursor)].join(''), cursor: cursor + 1 };
  }
}
