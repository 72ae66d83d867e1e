/** The filter language, the same in every program of ours. */
import { type ParseOptions, parse } from './parser.ts';
import type { FilterRow } from './row.ts';

export { FILTER_FIELDS } from './fields.ts';
export type { FilterRow } from './row.ts';

/** An expression of the filter language, read and ready. */
export interface Filter {
  /** As it was written. */
  readonly text: string;
  matches(row: FilterRow): boolean;
}

/**
 * Reads a filter: comparisons (`port=6379`, `comm~redis`), words (`spliced`), and texts that the key or the name of
 * the process must contain; with `and` or a blank between them, `or`, `not` and parentheses. An empty one matches every row.
 * @throws InputError BAD_FILTER, with the place of the bad part
 */
export function parseFilter(text: string, options: ParseOptions = {}): Filter {
  return { text, matches: parse(text, options) };
}
