/** All that is known of the entries at one moment: what rows are made of, filtered and sorted by. */
import type { EntryJson, OwnerDetail, Turnaround } from '../../core/index.ts';
import type { FilterRow } from '../../filter/index.ts';
import { NO_RATES, type Rates } from './rates.ts';
import { type Counts, NOTHING, type Sample } from './sample.ts';
import { turnaroundOf } from './table-row.ts';

export interface Knowledge {
  readonly sample: Sample;
  /** Of the look before. */
  readonly before: Counts;
  readonly rates: Rates;
  /** By cookie; looked up more seldom than the entries. */
  readonly owners: ReadonlyMap<string, OwnerDetail>;
  /** By cookie: of the rows on screen, or of all when they are sorted or filtered by it. */
  readonly turnarounds: ReadonlyMap<string, Turnaround>;
}

export const NOTHING_KNOWN: Knowledge = {
  sample: NOTHING,
  before: NOTHING.counts,
  rates: NO_RATES,
  owners: new Map(),
  turnarounds: new Map(),
};

/**
 * What a filter sees of each entry in turn. One object for all of them, which looks things up only
 * when the filter asks: most filters ask for one or two.
 */
export class FilterCursor implements FilterRow {
  readonly #known: Knowledge;
  #entry!: EntryJson & Pick<FilterRow, 'verdict'>;

  constructor(known: Knowledge) {
    this.#known = known;
  }

  at(place: number): this {
    this.#entry = this.#known.sample.entries[place] as EntryJson;
    return this;
  }

  get key() {
    return this.#entry.key;
  }
  get sip() {
    return this.#entry.sip;
  }
  get dip() {
    return this.#entry.dip;
  }
  get sport() {
    return this.#entry.sport;
  }
  get dport() {
    return this.#entry.dport;
  }
  get keyHex() {
    return this.#entry.keyHex;
  }
  get cookie() {
    return this.#entry.cookie;
  }
  get state() {
    return this.#entry.state;
  }
  get peer() {
    return this.#entry.peer;
  }
  get redirects() {
    return this.#entry.redirects;
  }
  get redirectBytes() {
    return this.#entry.redirectBytes;
  }
  get passes() {
    return this.#entry.passes;
  }
  get queuedBytes() {
    return this.#entry.queuedBytes;
  }
  get ageMs() {
    return this.#entry.ageMs;
  }
  get process(): OwnerDetail | null {
    return this.#entry.process ?? this.#known.owners.get(this.#entry.cookie) ?? null;
  }
  get cgroup() {
    return this.process?.cgroup ?? null;
  }
  get rate() {
    return this.#known.rates.of(Number(this.#entry.cookie))?.redirects ?? null;
  }
  get verdict() {
    return this.#entry.verdict ?? null;
  }
  get p50() {
    return inMicroseconds(turnaroundOf(this.#known.turnarounds.get(this.#entry.cookie)).p50);
  }
  get p99() {
    return inMicroseconds(turnaroundOf(this.#known.turnarounds.get(this.#entry.cookie)).p99);
  }
}

function inMicroseconds(ns: number | null): number | null {
  return ns === null ? null : ns / 1000;
}
