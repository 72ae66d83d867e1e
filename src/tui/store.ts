/** The one store of the live view: it asks core, and tells the components what changed. */
import type { EntryJson, Owner, Status } from '../core/index.ts';
import { SpliceError } from '../core/index.ts';
import { inOrder } from '../view/order.ts';
import { NO_RATES, RateMeter, type Rates } from './rates.ts';
import type { Look, Source } from './source.ts';

/** One moment of the view; a new object after every change. */
export interface TuiState {
  /** Null until core could be asked for the first time. */
  readonly status: Status | null;
  readonly entries: readonly EntryJson[];
  readonly rates: Rates;
  /** By cookie; looked up more seldom than the entries. */
  readonly owners: ReadonlyMap<string, Owner>;
  readonly headline: readonly string[];
  /** Why the last poll failed; what is shown besides is from the poll before. */
  readonly problem: SpliceError | null;
  /** Why the last command failed. */
  readonly refusal: SpliceError | null;
}

export interface StoreOptions {
  readonly source: Source;
  readonly intervalMs: number;
  /** Lines of the host program, asked for at each poll. */
  readonly headline?: (() => string[]) | undefined;
}

/** Four looks a second: quick to the eye, cheap for the machine. */
export const DEFAULT_INTERVAL_MS = 250;

/** How often owners are looked up again, and at most which share of the time that may take. */
const OWNERS_EVERY_MS = 2000;
const OWNERS_SHARE = 0.05;

const MAX_HEADLINE = 3;

export class Store {
  readonly pin: string;
  readonly intervalMs: number;
  readonly #source: Source;
  readonly #headline: () => string[];
  readonly #meter = new RateMeter();
  readonly #listeners = new Set<() => void>();
  #state: TuiState = {
    status: null,
    entries: [],
    rates: NO_RATES,
    owners: new Map(),
    headline: [],
    problem: null,
    refusal: null,
  };
  #timer: NodeJS.Timeout | undefined;
  #ownersAtMs = Number.NEGATIVE_INFINITY;
  #ownersTookMs = 0;
  #ownersAskedFor: ReadonlySet<string> = new Set();

  constructor({ source, intervalMs, headline }: StoreOptions) {
    this.pin = source.pin;
    this.intervalMs = intervalMs;
    this.#source = source;
    this.#headline = headline ?? (() => []);
  }

  /** Polls now and then at the interval, until stop(). An error that is not a SpliceError is thrown. */
  start(): void {
    const begin = performance.now();
    this.poll();
    const took = performance.now() - begin;
    this.#timer = setTimeout(() => this.start(), Math.max(1, this.intervalMs - took));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** For useSyncExternalStore. Returns the function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): TuiState => this.#state;

  /** Asks core once. What core refuses becomes `problem`; the splice may come and go meanwhile. */
  poll(): void {
    const headline = this.#headline().slice(0, MAX_HEADLINE);
    try {
      const snapshot = this.#source.snapshot();
      this.#set({
        status: snapshot.status,
        entries: inOrder(snapshot.entries),
        rates: this.#meter.update(snapshot),
        owners: this.#lookUpOwners(snapshot),
        headline,
        problem: null,
      });
    } catch (error) {
      if (!(error instanceof SpliceError)) throw error;
      this.#set({ headline, problem: error });
    }
  }

  /** Turns the bypass on, or back to the mode that is loaded. What core refuses becomes `refusal`. */
  toggleBypass(): void {
    const { status } = this.#state;
    if (!status?.loaded) return;
    try {
      this.#source.setMode(this.#source.mode() === 'bypass' ? status.mode : 'bypass');
      this.#set({ refusal: null });
    } catch (error) {
      if (!(error instanceof SpliceError)) throw error;
      this.#set({ refusal: error });
    }
    this.poll();
  }

  /** Takes the last refusal away: it was read. */
  dismissRefusal(): void {
    if (this.#state.refusal !== null) this.#set({ refusal: null });
  }

  /** The owners known, looked up again when that is due or a socket is new; within its share of the time. */
  #lookUpOwners({ atMs, entries }: Look): ReadonlyMap<string, Owner> {
    if (entries.length === 0) return this.#state.owners;
    const sinceMs = atMs - this.#ownersAtMs;
    if (sinceMs < this.#ownersTookMs / OWNERS_SHARE) return this.#state.owners;
    const due = sinceMs >= OWNERS_EVERY_MS || entries.some(({ cookie }) => !this.#ownersAskedFor.has(cookie));
    if (!due) return this.#state.owners;

    const begin = performance.now();
    const owners = this.#source.owners();
    this.#ownersTookMs = performance.now() - begin;
    this.#ownersAtMs = atMs;
    this.#ownersAskedFor = new Set(entries.map(({ cookie }) => cookie));
    return owners;
  }

  #set(change: Partial<TuiState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
