/** The console of a prompt, and that of a script. */
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { Writable } from 'node:stream';
import { wrap } from '../view/wrap.ts';
import type { Console } from './console.ts';

/** A terminal, or something that behaves like one; `columns` and `rows` are read each time. */
export type Terminal = Writable & { columns?: number; rows?: number };

export interface TerminalConsole extends Console {
  /** What comes next is written below what was painted. */
  atPrompt(): void;
}

/** What a person at a terminal sees. */
export function terminalConsole(output: Terminal, json: boolean): TerminalConsole {
  let painted = 0;
  return {
    json,
    width: () => output.columns,
    height: () => output.rows,
    say: (text) => {
      if (!json) output.write(`${wrap(text, output.columns)}\n`);
    },
    print: (text) => output.write(`${text}\n`),
    repaint: (text) => {
      if (painted > 0) moveCursor(output, 0, -painted);
      cursorTo(output, 0);
      clearScreenDown(output);
      output.write(`${text}\n`);
      painted = text.split('\n').length;
    },
    atPrompt: () => {
      painted = 0;
    },
  };
}

/** What a script prints: values only, and tables one below the other. */
export function scriptConsole(output: Writable, json: boolean): Console {
  let painted = false;
  return {
    json,
    width: () => undefined,
    height: () => undefined,
    say: () => {},
    print: (text) => output.write(`${text}\n`),
    repaint: (text) => {
      output.write(painted && !json ? `\n${text}\n` : `${text}\n`);
      painted = true;
    },
  };
}
