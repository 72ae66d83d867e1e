/** What splice-tui does without a terminal: one look, as plain text or as JSON. */
import type { Splice } from '../core/index.ts';
import { inOrder } from '../view/order.ts';
import { plainTable } from '../view/plain-table.ts';

/**
 * The entries once: the contract's JSON array, or a table as wide as the terminal (any width when
 * there is none).
 * @throws SpliceError NOT_LOADED
 */
export function onceText(splice: Splice, json: boolean, width?: number): string {
  const entries = inOrder(splice.entries());
  return json ? JSON.stringify(entries) : plainTable(entries, width);
}
