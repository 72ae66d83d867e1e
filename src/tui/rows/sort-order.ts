/** By which column the rows are sorted, and by which next. */
import type { Column, ColumnName } from '../../view/columns.ts';
import { LIVE_COLUMNS, PAIR_COLUMNS } from '../../view/columns.ts';
import { type Sort, startsDescending } from './sort-keys.ts';

/** Sorted by a column, as one wants it at first; by the same one again: the other way round. */
export function sortBy(before: Sort, column: ColumnName): Sort {
  if (before.column === column) return { column, descending: !before.descending };
  return { column, descending: startsDescending(column) };
}

/** Sorted by the next of the columns on screen; behind the last one in no order but that of the cookies. */
export function sortByNext(before: Sort, columns: readonly Column[]): Sort {
  const names = columns.map(({ name }) => name).filter((name) => name !== 'link') as ColumnName[];
  const next = names[before.column === null ? 0 : names.indexOf(before.column) + 1];
  return next === undefined ? { column: null, descending: false } : sortBy({ column: null, descending: false }, next);
}

/** For the header. */
export function describeSort({ column, descending }: Sort): string {
  const named = [...LIVE_COLUMNS, ...PAIR_COLUMNS].find(({ name }) => name === column);
  return `${(named?.title ?? 'opened').toLowerCase()} ${arrow(descending)}`;
}

/** Which way a column is sorted, as its title shows it. */
export function arrow(descending: boolean): string {
  return descending ? '▼' : '▲';
}
