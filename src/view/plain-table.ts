/** Entries as a table of plain text: no colours, no escape codes, fit for a pipe or a file. */
import type { EntryJson } from '../core/index.ts';
import { COLUMNS, type Column, type ColumnName, placeColumns, type Row } from './columns.ts';
import { rowLine, titleLine } from './line.ts';
import { displayWidth } from './width.ts';

/**
 * The entries in the order given, one a line under a line of titles, without a newline at the end.
 * With a `width` (columns of the terminal) columns give way; without one everything is shown in full.
 * Redirects a second are not in it: one look cannot tell them.
 */
export function plainTable(entries: readonly EntryJson[], width: number = Number.POSITIVE_INFINITY): string {
  const columns = COLUMNS.filter((column) => column.name !== 'rate');
  const rows = entries.map((entry): Row => ({ entry, rate: null, process: entry.process }));
  const measured: Partial<Record<ColumnName, number>> = {};
  for (const column of columns) measured[column.name] = contentWidth(column, rows);
  const placed = placeColumns(width, measured, columns);
  const lines = [titleLine(placed), ...rows.map((row) => rowLine(placed, row))];
  return lines.map((line) => line.trimEnd()).join('\n');
}

function contentWidth(column: Column, rows: readonly Row[]): number {
  let widest = column.title.length;
  for (const row of rows) widest = Math.max(widest, displayWidth(column.text(row, column.max)));
  return widest;
}
