/** What entries() returns: an array of entries that can be narrowed down, sorted, summed and grouped. */
import type { Entry } from '../../core/index.ts';
import { type Selection, toTest } from '../select.ts';
import { type By, fieldOf, SUMMABLE } from './entry-fields.ts';
import { Groups } from './groups.ts';
import { List } from './list.ts';
import { count, type Direction, sorted } from './sorting.ts';

/** An array of entries; what its methods leave of it is one again, and prints as a table. */
export class EntryList extends List<Entry> {
  /** Those that fit a filter or a function. */
  where(selection: Selection): EntryList {
    const test = toTest(selection);
    return this.filter((entry) => test(entry)) as EntryList;
  }

  /** Sorted in a new list: numbers from the largest on, text from A on, unless a direction says otherwise. */
  sortBy(by: By<unknown>, direction?: Direction): EntryList {
    return EntryList.from(sorted(this, fieldOf(by), direction)) as EntryList;
  }

  /** The first ones; with a field, those that have the most of it. */
  top(howMany = 10, by?: By<unknown>): EntryList {
    const list = by === undefined ? this : this.sortBy(by);
    return list.slice(0, count(howMany)) as EntryList;
  }

  /** The sum of a field, such as 'redirectBytes'. */
  sum(by: By<number>): number {
    const field = fieldOf(by, SUMMABLE);
    return this.reduce((sum, entry) => sum + Number(field(entry)), 0);
  }

  /** The entries by the value of a field, such as 'process', the largest group first. */
  groupBy(by: By<unknown>): Groups {
    const field = fieldOf(by);
    const byName = Map.groupBy(this, (entry) => String(field(entry) ?? 'unknown'));
    return Groups.made([...byName].map(([name, entries]) => ({ name, entries: EntryList.from(entries) as EntryList })));
  }
}
