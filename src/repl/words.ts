/** Commands for people who do not write JavaScript: `rev 10.0.0.1:5000->10.0.0.2:80`. */
import { Script } from 'node:vm';
import type { Command } from './commands/command.ts';

/** Empty lines, which stand for those of a script that have run; a name, and the rest of its line. */
const LINE = /^((?:\r?\n)*)[ \t]*([A-Za-z]\w*)(?:[ \t]+(\S.*?))?[ \t]*;?[ \t]*\r?\n?$/;

/** What goes on as JavaScript after a name: an operator, a call, a block. The arrow is part of a key. */
export const GOES_ON = /^(?:[=+*/%&|^?:.,;)\]}<>{`]|-(?!>)|(?:in|instanceof)\b)/;

/**
 * The same as JavaScript, when the line is a command in words; else null: it is JavaScript, or the
 * beginning of it.
 * @param isOurs whether a name still stands for the command, and for no variable of the user's
 */
export function wordsToCode(
  line: string,
  commands: readonly Command[],
  isOurs: (name: string) => boolean,
): string | null {
  const [, empty = '', name, rest] = LINE.exec(line) ?? [];
  if (name === undefined) return null;
  const command = commands.find((one) => one.name === name || one.aliases?.includes(name));
  if (!command || typeof command.value !== 'function' || !isOurs(name)) return null;
  if (rest === undefined) return command.bare ? `${empty}${name}()` : null;
  if (GOES_ON.test(rest) || isOpen(rest) || isJavaScript(line)) return null;
  const args = (command.words ?? ((text) => [text]))(unquoted(rest));
  return `${empty}${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
}

/** Whether it may be the beginning of a call over several lines. */
function isOpen(text: string): boolean {
  if (!/^[([]/.test(text)) return false;
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return count(/[([]/g) > count(/[)\]]/g);
}

/** Whether it is a whole statement. */
function isJavaScript(line: string): boolean {
  for (const code of [line, `async () => { ${line}\n}`]) {
    try {
      new Script(code);
      return true;
    } catch {
      // Not in this way.
    }
  }
  return false;
}

/** A text that somebody put into quotes all the same. */
function unquoted(text: string): string {
  return /^(['"])([^'"]*)\1$/.exec(text)?.[2] ?? text;
}
