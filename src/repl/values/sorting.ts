/** Order of lists and groups, and how many of them. */
import { inspect } from 'node:util';
import { SpliceError } from '../../core/index.ts';

export type Direction = 'ascending' | 'descending';

/**
 * Sorted in a new array: numbers from the largest on and text from A on, unless a direction is
 * given. What has no value comes last.
 * @throws SpliceError BAD_OPTION
 */
export function sorted<Item>(items: readonly Item[], value: (item: Item) => unknown, direction?: Direction): Item[] {
  if (direction !== undefined && direction !== 'ascending' && direction !== 'descending') {
    throw new SpliceError(
      'BAD_OPTION',
      `${inspect(direction)} is no direction`,
      ".sortBy('age', 'ascending') or 'descending'",
    );
  }
  const keyed = items.map((item) => ({ item, value: value(item) }));
  const isGiven = (one: { value: unknown }) => one.value !== null && one.value !== undefined;
  const given = keyed.filter(isGiven);
  const down = direction ? direction === 'descending' : typeof given[0]?.value !== 'string';
  given.sort((one, other) => (down ? compare(other.value, one.value) : compare(one.value, other.value)));
  return [...given, ...keyed.filter((one) => !isGiven(one))].map(({ item }) => item);
}

/**
 * A number of items.
 * @throws SpliceError BAD_OPTION
 */
export function count(wanted: unknown): number {
  if (Number.isInteger(wanted) && (wanted as number) >= 0) return wanted as number;
  throw new SpliceError('BAD_OPTION', `${inspect(wanted)} is no number of items`, '.top(5)');
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : Number(one > other);
  return Number(one) - Number(other);
}
