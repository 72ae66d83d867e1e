/** One line of a table, from placed columns. */
import type { Placed, Row } from './columns.ts';
import { fill } from './width.ts';

/** The line with the columns' titles. */
export function titleLine(placed: readonly Placed[]): string {
  return joinCells(placed, ({ column }) => column.title);
}

/** The line of one entry. */
export function rowLine(placed: readonly Placed[], row: Row): string {
  return joinCells(placed, ({ column, width }) => column.text(row, width));
}

/** Where each cell begins, in columns. */
export function cellStarts(placed: readonly Placed[]): number[] {
  let end = 0;
  return placed.map(({ column, width }, index) => {
    const start = end + (index === 0 ? 0 : column.gap);
    end = start + width;
    return start;
  });
}

function joinCells(placed: readonly Placed[], text: (place: Placed) => string): string {
  return placed
    .map((place, index) => {
      const gap = index === 0 ? '' : ' '.repeat(place.column.gap);
      return gap + fill(text(place), place.width, place.column.align);
    })
    .join('');
}
