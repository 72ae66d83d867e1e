/** What splice-tui does without a terminal: one look, as plain text or as JSON. */
import type { EntryJson } from '../core/index.ts';
import type { Filter } from '../filter/index.ts';
import { inOrder } from '../view/order.ts';
import { plainTable } from '../view/plain-table.ts';

/** A splice, or a recording of one. */
interface Once {
  entries(): readonly EntryJson[];
}

/**
 * The entries that fit, once: the contract's JSON array, or a table as wide as the terminal (any width when
 * there is none).
 * @throws SpliceError NOT_LOADED
 */
export function onceText(splice: Once, filter: Filter, json: boolean, width?: number): string {
  const entries = inOrder(splice.entries()).filter((entry) => filter.matches(entry));
  return json ? JSON.stringify(entries) : plainTable(entries, width);
}
