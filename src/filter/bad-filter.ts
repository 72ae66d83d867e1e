/** What is said about a filter that cannot be read. */
import { InputError, printable } from '../core/index.ts';

/** A part of the text of a filter. */
export interface Span {
  readonly position: number;
  readonly length: number;
}

const REMEDY = 'port=6379, comm~redis, ip=10.0.0.0/8, redirectBytes>1M, spliced, with and, or, not and parentheses';

/** The error for a part of a filter; its message says which part, and where it is. */
export function badFilter(text: string, { position, length }: Span, why: string, remedy = REMEDY): InputError {
  const message = `${printable(why)}, at character ${position + 1} of the filter '${printable(text)}'`;
  return new InputError('BAD_FILTER', message, printable(remedy), { text, position, length });
}
