/** Text of other processes, and whatever a caller hands over, made safe to print. */
import { inspect } from 'node:util';

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the marks that reorder text
 * (Unicode TR 9) or have no width.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Those of them that no escape of a terminal has. */
export const FORMATTING = /[\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Shows what cannot be printed as `\xNN` or `\u{…}`, so that a process name or a path can neither
 * move the cursor nor imitate other text.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) as number;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

const ON_ONE_LINE = { breakLength: Number.POSITIVE_INFINITY, compact: true };

/** Any value as text for an error; unlike String() it takes objects that have no way to become one. */
export function asText(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? inspect(value, ON_ONE_LINE) : String(value);
}
