/** What groupBy() returns: groups of entries, with the sums of each. */
import { inspect } from 'node:util';
import { type Entry, nearest, SpliceError } from '../../core/index.ts';
import { totalPasses } from '../../view/columns.ts';
import { List } from './list.ts';
import { count, type Direction, sorted } from './sorting.ts';

/** Entries that have something in common. */
export interface Group {
  /** What they have in common. */
  readonly name: string;
  readonly size: number;
  readonly redirects: number;
  readonly redirectBytes: number;
  readonly passes: number;
  readonly queuedBytes: number;
}

const FIELDS: readonly (keyof Group)[] = ['name', 'size', 'redirects', 'redirectBytes', 'passes', 'queuedBytes'];

/** An array of groups, the largest first; each has its entries too, which neither JSON nor a table shows. */
export class Groups extends List<Group & { readonly entries: readonly Entry[] }> {
  /** The groups of these names and entries. */
  static made(named: readonly { name: string; entries: readonly Entry[] }[]): Groups {
    const groups = new Groups();
    for (const { name, entries } of named) groups.push(group(name, entries));
    return groups.sortBy('size');
  }

  /** Sorted in a new list: numbers from the largest on, names from A on, unless a direction says otherwise. */
  sortBy(by: keyof Group, direction?: Direction): Groups {
    if (!FIELDS.includes(by)) throw noField(by);
    return Groups.from(sorted(this, (one) => one[by], direction)) as Groups;
  }

  /** The first ones; with a field, those that have the most of it. */
  top(howMany = 10, by?: keyof Group): Groups {
    return (by === undefined ? this : this.sortBy(by)).slice(0, count(howMany)) as Groups;
  }
}

function group(name: string, entries: readonly Entry[]): Group & { entries: readonly Entry[] } {
  const sum = (value: (entry: Entry) => number) => entries.reduce((total, entry) => total + value(entry), 0);
  const sums: Group = {
    name,
    size: entries.length,
    redirects: sum((entry) => entry.redirects),
    redirectBytes: sum((entry) => entry.redirectBytes),
    passes: sum(totalPasses),
    queuedBytes: sum((entry) => entry.queuedBytes),
  };
  return Object.defineProperty(sums, 'entries', { value: entries }) as Group & { entries: readonly Entry[] };
}

function noField(by: unknown): SpliceError {
  const meant = typeof by === 'string' ? nearest(by, FIELDS) : null;
  return new SpliceError(
    'BAD_OPTION',
    `a group has no field ${inspect(by)} to sort by`,
    meant === null ? `one of ${FIELDS.join(', ')}` : `'${meant}', if that was meant`,
  );
}
