/** What happens in a second, from one look to a later one. */
import type { Counters, Status } from '../../core/index.ts';
import { totalPasses } from '../../view/columns.ts';
import { type Counts, NOTHING } from './sample.ts';

/** On average over the last window, a second. */
export interface Rate {
  readonly redirects: number;
  readonly bytes: number;
  readonly passes: number;
}

/** Figures that change more often than this cannot be read. */
const WINDOW_MS = 1000;
const MINUTE_MS = 60_000;

const COUNTED = ['redirects', 'bytes', 'passes'] as const;
type Counted = (typeof COUNTED)[number];

/** The rates of one window: of all sockets together, and of each. */
export class Rates {
  /** Null before the first window ends. */
  readonly total: Rate | null;
  /** The totals of the windows of the last minute, the oldest first. */
  readonly history: readonly Rate[];
  readonly #begin: Counts;
  readonly #end: Counts;
  readonly #perSecond: number;

  constructor(total: Rate | null = null, history: readonly Rate[] = [], begin = NOTHING.counts, end = NOTHING.counts) {
    this.total = total;
    this.history = history;
    this.#begin = begin;
    this.#end = end;
    this.#perSecond = 1000 / (end.atMs - begin.atMs);
  }

  /** Of one socket, by its cookie; null when it was not there at the end of the window. */
  of(id: number): Rate | null {
    const place = this.#end.find(id);
    if (place < 0) return null;
    const before = this.#begin.find(id, place);
    const [redirects, bytes, passes] = COUNTED.map((name) => this.#rate(name, place, before));
    return { redirects: redirects as number, bytes: bytes as number, passes: passes as number };
  }

  /** One rate of each entry, in their order; 0 where it is not known. */
  column(name: Counted, { ids }: Counts): Float64Array {
    const rates = new Float64Array(ids.length);
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index] as number;
      const place = this.#end.find(id, index);
      if (place >= 0) rates[index] = this.#rate(name, place, this.#begin.find(id, place));
    }
    return rates;
  }

  /** A socket that was not there when the window began counted from zero. */
  #rate(name: Counted, place: number, before: number): number {
    const then = before < 0 ? 0 : (this.#begin[name][before] as number);
    return Math.max(0, (this.#end[name][place] as number) - then) * this.#perSecond;
  }
}

export const NO_RATES = new Rates();

interface Window {
  readonly counts: Counts;
  readonly mapId: number;
  readonly totals: Counters;
}

/** Fed with every look, it works once a second: what it costs does not grow with the refresh rate. */
export class RateMeter {
  #window: Window | null = null;
  #rates: Rates = NO_RATES;
  #history: readonly { readonly atMs: number; readonly rate: Rate }[] = [];

  /** The rates as of this look. The first window is as short as the first interval. */
  update(status: Status, counts: Counts): Rates {
    const begun = this.#window;
    const now = status.loaded ? { counts, mapId: status.map.id, totals: status.totals } : null;
    const isAnother = begun === null || now?.mapId !== begun.mapId;
    // In a recording time may go back.
    if (now === null || isAnother || counts.atMs < begun.counts.atMs) {
      this.#window = now;
      this.#history = [];
      this.#rates = NO_RATES;
      return this.#rates;
    }
    const elapsedMs = counts.atMs - begun.counts.atMs;
    if (elapsedMs < (this.#rates.total === null ? 1 : WINDOW_MS)) return this.#rates;

    const rate = totalRate(begun.totals, now.totals, elapsedMs);
    const recent = this.#history.filter(({ atMs }) => atMs > counts.atMs - MINUTE_MS);
    this.#history = [...recent, { atMs: counts.atMs, rate }];
    this.#rates = new Rates(
      rate,
      this.#history.map((window) => window.rate),
      begun.counts,
      counts,
    );
    this.#window = now;
    return this.#rates;
  }
}

function totalRate(before: Counters, now: Counters, elapsedMs: number): Rate {
  const perSecond = (count: number) => Math.max(0, (1000 * count) / elapsedMs);
  return {
    redirects: perSecond(now.redirects - before.redirects),
    bytes: perSecond(now.redirectBytes - before.redirectBytes),
    passes: perSecond(totalPasses(now) - totalPasses(before)),
  };
}
