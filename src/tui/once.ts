/** What splice-tui does without a terminal: one look, as plain text or as JSON. */
import type { Splice } from '../core/index.ts';
import type { Filter } from '../filter/index.ts';
import { inOrder } from '../view/order.ts';
import { plainTable } from '../view/plain-table.ts';

/**
 * The entries that fit, once: the contract's JSON array, or a table as wide as the terminal (any width when
 * there is none).
 * @throws SpliceError NOT_LOADED
 */
export function onceText(splice: Splice, filter: Filter, json: boolean, width?: number): string {
  const entries = inOrder(splice.entries()).filter((entry) => filter.matches(entry));
  return json ? JSON.stringify(entries) : plainTable(entries, width);
}
