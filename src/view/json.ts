/** JSON for a terminal as well as for a program. */
import { UNPRINTABLE } from '../core/printable.ts';

/**
 * JSON.stringify(), with what cannot be printed as `\uNNNN`, which means the same: it leaves C1 control characters and
 * marks that reorder text as they are.
 * @returns null for what JSON has no form for, such as a function
 */
export function jsonText(value: object): string;
export function jsonText(value: unknown, replacer?: (name: string, item: unknown) => unknown): string | null;
export function jsonText(value: unknown, replacer?: (name: string, item: unknown) => unknown): string | null {
  const text = JSON.stringify(value, replacer) as string | undefined;
  return text?.replace(UNPRINTABLE, escaped) ?? null;
}

/** Beyond 16 bits it is two of them, as UTF-16 has it. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
