/** The rows of the table: arranged all at once, made one by one when they are looked at. */
import type { EntryJson, OwnerDetail } from '../../core/index.ts';
import { shortCgroup } from '../../view/cgroup.ts';
import { type Arrangement, AS_OPENED, arrange, type Places } from './arrange.ts';
import { type Knowledge, NOTHING_KNOWN } from './knowledge.ts';
import type { Counts } from './sample.ts';
import type { Identity, Lines } from './selection.ts';
import { type Mark, type TableRow, turnaroundOf } from './table-row.ts';

/** How long an entry counts as new. */
const NEW_MS = 1500;

/** A row that just went away, and where it was. */
export interface Ghost {
  readonly index: number;
  readonly row: TableRow;
}

export class Rows implements Lines {
  readonly arrangement: Arrangement;
  /** How many there are, those that just went away included. */
  readonly length: number;
  readonly known: Knowledge;
  readonly #places: Places;
  readonly #ghosts: readonly Ghost[];
  readonly #made = new Map<number, TableRow>();

  /** @param ghosts in the order of their places */
  constructor(known: Knowledge, arrangement: Arrangement, ghosts: readonly Ghost[] = []) {
    this.known = known;
    this.arrangement = arrangement;
    this.#places = arrange(known, arrangement);
    const { length } = this.#places.order;
    this.#ghosts = ghosts.map(({ index, row }, nth) => ({ index: Math.min(index, length + nth), row }));
    this.length = length + ghosts.length;
  }

  /** The row at an index. */
  at(index: number): TableRow | undefined {
    let place = index;
    for (const ghost of this.#ghosts) {
      if (ghost.index === index) return ghost.row;
      if (ghost.index < index) place--;
    }
    const entry = this.#places.order[place];
    return entry === undefined ? undefined : this.#row(entry);
  }

  identityAt(index: number): Identity | undefined {
    return this.at(index)?.identity;
  }

  slice(from: number, to: number): TableRow[] {
    const rows: TableRow[] = [];
    for (let index = from; index < Math.min(to, this.length); index++) rows.push(this.at(index) as TableRow);
    return rows;
  }

  /** The index of the row of an entry, -1 when it has none. */
  indexOf({ cookie, key }: Identity): number {
    const { sample } = this.known;
    const { order, mates } = this.#places;
    const place = sample.find(Number(cookie));
    if (place >= 0 && sample.entries[place]?.key === key) {
      let index = order.indexOf(place);
      if (index < 0 && mates && (mates[place] as number) >= 0) index = order.indexOf(mates[place] as number);
      if (index < 0) return -1;
      for (const ghost of this.#ghosts) if (ghost.index <= index) index++;
      return index;
    }
    return this.#ghosts.find(({ row }) => row.identity.cookie === cookie)?.index ?? -1;
  }

  /** The entries of all rows, in their order, both ends of those that are folded. */
  entries(): EntryJson[] {
    const { order, mates } = this.#places;
    const { entries } = this.known.sample;
    return [...order].flatMap((place) => {
      const mate = mates ? (mates[place] as number) : -1;
      const both = mate < 0 || mate === place ? [place] : [place, mate];
      return both.map((one) => entries[one] as EntryJson);
    });
  }

  #row(place: number): TableRow {
    let row = this.#made.get(place);
    if (!row) {
      const mate = this.#places.mates?.[place] ?? -1;
      row = makeRow(this.known, place, mate === place ? -1 : mate);
      this.#made.set(place, row);
    }
    return row;
  }
}

export const NO_ROWS = new Rows(NOTHING_KNOWN, AS_OPENED);

function makeRow(known: Knowledge, place: number, mate: number): TableRow {
  const { sample } = known;
  const entry = sample.entries[place] as EntryJson;
  const { cookie, key } = entry;
  const rate = known.rates.of(sample.counts.ids[place] as number);
  const back = mate < 0 ? null : makeRow(known, mate, -1);
  const owner: OwnerDetail | null = entry.process ?? known.owners.get(cookie) ?? null;
  return {
    identity: { cookie, key },
    entry,
    rate: rate?.redirects ?? null,
    process: owner,
    cgroup: shortCgroup(owner?.cgroup ?? null),
    ...turnaroundOf(known.turnarounds.get(cookie)),
    back,
    mark: markOf(entry, known, place) ?? back?.mark ?? null,
    traffic: trafficOf(rate) ?? back?.traffic ?? null,
  };
}

function trafficOf(rate: { redirects: number; passes: number } | null): TableRow['traffic'] {
  if (rate === null) return null;
  if (rate.redirects > 0) return 'spliced';
  return rate.passes > 0 ? 'byTcp' : null;
}

function markOf(entry: EntryJson, { sample: { counts }, before }: Knowledge, place: number): Mark {
  if (entry.ageMs < NEW_MS) return 'new';
  const then = before.find(counts.ids[place] as number, place);
  return then >= 0 && hasSent(counts, place, before, then) ? 'changed' : null;
}

function hasSent(now: Counts, place: number, before: Counts, then: number): boolean {
  return now.redirects[place] !== before.redirects[then] || now.passes[place] !== before.passes[then];
}
