/** Which columns the table has at a width, and where. */
import { type Column, type ColumnName, type EndWidths, type Placed, placeColumns } from '../../view/columns.ts';
import { cellStarts } from '../../view/line.ts';

/** The first column of the screen has the marks of the rows. */
export const MARK_WIDTH = 1;

export interface TableLayout {
  readonly placed: readonly Placed[];
  /** The first column of the screen of each. */
  readonly starts: readonly number[];
}

/** Which columns have room, and where; those that are dropped go in a fixed order. */
export function layOut(columns: readonly Column[], ends: EndWidths, width: number): TableLayout {
  const placed = placeColumns(width - MARK_WIDTH, { ...ends }, columns);
  return { placed, starts: cellStarts(placed).map((start) => start + MARK_WIDTH) };
}

/** Where the title of a column begins on screen; -1 when it is not there. */
export function titleStart({ placed, starts }: TableLayout, name: ColumnName | null): number {
  const index = placed.findIndex(({ column }) => column.name === name);
  const place = placed[index];
  if (place === undefined) return -1;
  const start = starts[index] as number;
  const { column, width } = place;
  return column.align === 'right' ? start + Math.max(0, width - column.title.length) : start;
}

/** The column at a place of the screen. */
export function columnAt({ placed, starts }: TableLayout, x: number): ColumnName | null {
  const index = placed.findIndex(({ width }, at) => x < (starts[at] as number) + width);
  return placed[index]?.column.name ?? null;
}
