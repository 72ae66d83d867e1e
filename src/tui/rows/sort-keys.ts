/** A number for each entry to sort by, for each column. */
import type { EntryJson, OwnerDetail } from '../../core/index.ts';
import { shortCgroup } from '../../view/cgroup.ts';
import { type ColumnName, dominantReason } from '../../view/columns.ts';
import type { Ends } from './ends.ts';
import type { Knowledge } from './knowledge.ts';
import { turnaroundOf } from './table-row.ts';

/** How the rows are sorted; by cookie, which is mostly by age, when `column` is null. */
export interface Sort {
  readonly column: ColumnName | null;
  readonly descending: boolean;
}

/** Columns that one sorts by to see the largest first. */
const FIGURES: readonly ColumnName[] = [
  ...(['redirects', 'redirectsBack', 'rate', 'rateBack', 'bytes', 'bytesBack', 'passes', 'queued'] as const),
  ...(['p50', 'p99', 'age'] as const),
];

/** Whether a column is first sorted with its greatest on top. */
export function startsDescending(column: ColumnName): boolean {
  return FIGURES.includes(column);
}

/** Whether two ends that are folded into one row count together. */
export function isSum(column: ColumnName): boolean {
  return column === 'passes' || column === 'queued';
}

/** One key an entry, in the order of the sample; NaN where there is nothing to sort by. */
export function sortKeys(column: ColumnName, known: Knowledge, ends: () => Ends): Float64Array {
  const { sample, rates } = known;
  switch (column) {
    case 'own':
      return ends().own;
    case 'peer':
      return ends().peer;
    case 'redirects':
    case 'redirectsBack':
      return sample.counts.redirects;
    case 'bytes':
    case 'bytesBack':
      return sample.counts.bytes;
    case 'passes':
      return sample.counts.passes;
    case 'rate':
    case 'rateBack':
      return rates.column('redirects', sample.counts);
    case 'queued':
      return numbers(sample.entries, ({ queuedBytes }) => queuedBytes);
    case 'age':
      return numbers(sample.entries, ({ ageMs }) => ageMs);
    case 'p50':
    case 'p99':
      return numbers(sample.entries, ({ cookie }) => turnaroundOf(known.turnarounds.get(cookie))[column] ?? Number.NaN);
    case 'link':
      return numbers(sample.entries, ({ peer }) => Number(peer));
    case 'state':
      return ranks(sample.entries, ({ state }) => state);
    case 'reason':
      return ranks(sample.entries, ({ passes }) => dominantReason(passes));
    case 'process':
      return ranks(sample.entries, (entry) => ownerOf(entry, known)?.comm);
    case 'cgroup':
      return ranks(sample.entries, (entry) => shortCgroup(ownerOf(entry, known)?.cgroup ?? null));
  }
}

function ownerOf({ process, cookie }: EntryJson, { owners }: Knowledge): OwnerDetail | null {
  return process ?? owners.get(cookie) ?? null;
}

function numbers(entries: readonly EntryJson[], number: (entry: EntryJson) => number): Float64Array {
  const keys = new Float64Array(entries.length);
  for (let place = 0; place < entries.length; place++) keys[place] = number(entries[place] as EntryJson);
  return keys;
}

/** The places of texts in the alphabet: there are few different ones. */
function ranks(entries: readonly EntryJson[], text: (entry: EntryJson) => string | null | undefined): Float64Array {
  const texts = entries.map((entry) => text(entry) ?? null);
  const sorted = [...new Set(texts)].filter((one) => one !== null).sort();
  const rank = new Map<string | null, number>(sorted.map((one, index) => [one, index]));
  return Float64Array.from(texts, (one) => rank.get(one) ?? Number.NaN);
}
