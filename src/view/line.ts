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

function joinCells(placed: readonly Placed[], text: (place: Placed) => string): string {
  return placed
    .map((place, index) => {
      const gap = index === 0 ? '' : ' '.repeat(place.column.gap);
      return gap + fill(text(place), place.width, place.column.align);
    })
    .join('');
}
