/** Which rows there are, in which order. */
import { type Filter, parseFilter } from '../../filter/index.ts';
import { type Ends, endsOf, matePlaces } from './ends.ts';
import { FilterCursor, type Knowledge } from './knowledge.ts';
import { sortPlaces } from './order.ts';
import { isSum, type Sort, sortKeys } from './sort-keys.ts';

/** How the user wants to see the entries. */
export interface Arrangement {
  readonly filter: Filter;
  readonly sort: Sort;
  /** Whether the two ends of a connection are folded into one row. */
  readonly pairs: boolean;
}

export const AS_OPENED: Arrangement = {
  filter: parseFilter(''),
  sort: { column: null, descending: false },
  pairs: false,
};

/** Places of entries in the sample, in the order of the rows; and the other end of each, when they are folded. */
export interface Places {
  readonly order: Uint32Array;
  readonly mates: Int32Array | null;
}

/** Which entries are shown, and in which order. */
export function arrange(known: Knowledge, { filter, sort, pairs }: Arrangement): Places {
  const { sample } = known;
  let memo: Ends | undefined;
  const ends = () => {
    memo ??= endsOf(sample.entries);
    return memo;
  };
  const mates = pairs ? matePlaces(ends()) : null;
  let places = sortPlaces(matching(known, filter), sample.counts.ids);
  if (mates) places = fold(places, mates, sample.counts.ids);
  if (sort.column === null) return { order: sort.descending ? places.reverse() : places, mates };

  let keys = sortKeys(sort.column, known, ends);
  if (mates && sort.column.endsWith('Back')) keys = ofMates(keys, mates);
  if (mates && isSum(sort.column)) keys = sums(keys, mates);
  return { order: sortPlaces(places, sort.descending ? keys.map((key) => -key) : keys), mates };
}

function matching(known: Knowledge, filter: Filter): Uint32Array {
  const { length } = known.sample.entries;
  const places = new Uint32Array(length);
  if (filter.text.trim() === '') return places.map((_, place) => place);
  const cursor = new FilterCursor(known);
  let count = 0;
  for (let place = 0; place < length; place++) {
    if (filter.matches(cursor.at(place))) places[count++] = place;
  }
  return places.subarray(0, count);
}

/** One place for both ends: that of the end with the lower cookie, which is mostly the one that connected. */
function fold(places: Uint32Array, mates: Int32Array, ids: Float64Array): Uint32Array {
  const isTaken = new Uint8Array(mates.length);
  return places
    .map((place) => {
      const mate = mates[place] as number;
      return mate >= 0 && (ids[mate] as number) < (ids[place] as number) ? mate : place;
    })
    .filter((place) => {
      const isFirst = isTaken[place] === 0;
      isTaken[place] = 1;
      return isFirst;
    });
}

function ofMates(keys: Float64Array, mates: Int32Array): Float64Array {
  return keys.map((_, place) => {
    const mate = mates[place] as number;
    return mate < 0 ? Number.NaN : (keys[mate] as number);
  });
}

function sums(keys: Float64Array, mates: Int32Array): Float64Array {
  return keys.map((key, place) => {
    const mate = mates[place] as number;
    return mate < 0 || mate === place ? key : key + (keys[mate] as number);
  });
}
