/** One look, as columns of numbers: what is compared, counted and sorted without touching the entries again. */
import type { EntryJson } from '../../core/index.ts';
import { totalPasses } from '../../view/columns.ts';
import type { Look } from '../source.ts';
import { IdTable } from './id-table.ts';

/** What was counted of each entry up to one look. It outlives the entries, which have much more memory. */
export class Counts {
  readonly atMs: number;
  /** The socket cookies: exact, the kernel counts them from 1. */
  readonly ids: Float64Array;
  readonly redirects: Float64Array;
  readonly bytes: Float64Array;
  readonly passes: Float64Array;
  readonly #places: IdTable;

  constructor({ atMs, entries }: Pick<Look, 'atMs' | 'entries'>) {
    const { length } = entries;
    this.atMs = atMs;
    this.ids = new Float64Array(length);
    this.redirects = new Float64Array(length);
    this.bytes = new Float64Array(length);
    this.passes = new Float64Array(length);
    for (let place = 0; place < length; place++) {
      const entry = entries[place] as EntryJson;
      this.ids[place] = Number(entry.cookie);
      this.redirects[place] = entry.redirects;
      this.bytes[place] = entry.redirectBytes;
      this.passes[place] = totalPasses(entry);
    }
    this.#places = new IdTable(this.ids);
  }

  /** Where the entry with this cookie is, or -1; `hint` is where it may be. */
  find(id: number, hint?: number): number {
    return this.#places.find(id, hint);
  }
}

/** A look with its counts; both are in the order of the entries. */
export class Sample {
  readonly entries: readonly EntryJson[];
  readonly counts: Counts;

  constructor(look: Pick<Look, 'atMs' | 'entries'>) {
    this.entries = look.entries;
    this.counts = new Counts(look);
  }

  /** See Counts. */
  find(id: number, hint?: number): number {
    return this.counts.find(id, hint);
  }
}

export const NOTHING = new Sample({ atMs: 0, entries: [] });
