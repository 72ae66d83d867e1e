/** Redirects and passes a second, from one snapshot to a later one. */
import type { EntryJson } from '../core/index.ts';
import { totalPasses } from '../view/columns.ts';
import type { Look } from './source.ts';

/** What happened in one second, on average over the last window. */
export interface Rate {
  readonly redirects: number;
  readonly passes: number;
}

/** The rates of one window: of all sockets together (null before the first window ends), and by cookie. */
export interface Rates {
  readonly total: Rate | null;
  readonly byCookie: ReadonlyMap<string, Rate>;
}

/** Figures that change more often than this cannot be read. */
const WINDOW_MS = 1000;

interface Window {
  readonly atMs: number;
  readonly mapId: number;
  readonly total: Rate;
  readonly byCookie: ReadonlyMap<string, Rate>;
}

export const NO_RATES: Rates = { total: null, byCookie: new Map() };

/** Fed with every snapshot, it works once a second: what it costs does not grow with the refresh rate. */
export class RateMeter {
  #window: Window | null = null;
  #rates: Rates = NO_RATES;

  /** The rates as of this snapshot. The first window is as short as the first interval. */
  update(snapshot: Look): Rates {
    const { status, atMs } = snapshot;
    if (!status.loaded) {
      this.#window = null;
      this.#rates = NO_RATES;
      return this.#rates;
    }
    const begun = this.#window;
    if (begun === null || begun.mapId !== status.map.id) {
      this.#window = countersOf(snapshot, status.map.id, status.totals);
      this.#rates = NO_RATES;
      return this.#rates;
    }
    const elapsedMs = atMs - begun.atMs;
    if (elapsedMs < (this.#rates.total === null ? 1 : WINDOW_MS)) return this.#rates;

    const now = countersOf(snapshot, status.map.id, status.totals);
    const byCookie = new Map<string, Rate>();
    for (const [cookie, counters] of now.byCookie) {
      byCookie.set(cookie, difference(counters, begun.byCookie.get(cookie), elapsedMs));
    }
    this.#rates = { total: difference(now.total, begun.total, elapsedMs), byCookie };
    this.#window = now;
    return this.#rates;
  }
}

function countersOf({ atMs, entries }: Look, mapId: number, totals: Pick<EntryJson, 'redirects' | 'passes'>): Window {
  const byCookie = new Map(entries.map((entry) => [entry.cookie, counted(entry)]));
  return { atMs, mapId, total: counted(totals), byCookie };
}

function counted(counters: Pick<EntryJson, 'redirects' | 'passes'>): Rate {
  return { redirects: counters.redirects, passes: totalPasses(counters) };
}

/** An entry that was not there when the window began counted from zero. */
function difference(now: Rate, before: Rate = { redirects: 0, passes: 0 }, elapsedMs: number): Rate {
  const perSecond = (count: number) => Math.max(0, (1000 * count) / elapsedMs);
  return { redirects: perSecond(now.redirects - before.redirects), passes: perSecond(now.passes - before.passes) };
}
