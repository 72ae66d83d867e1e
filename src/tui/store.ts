/** The one store of the live view: it asks core, and tells the components what changed. */
import { release } from 'node:os';
import { type EventBatch, finish, SpliceError, type Status, type Steps, type Turnaround } from '../core/index.ts';
import { Asker } from './asker.ts';
import { EventFeed } from './events/feed.ts';
import { Pacer, processorMs } from './pacer.ts';
import { type Arrangement, AS_OPENED } from './rows/arrange.ts';
import { Ghosts } from './rows/ghosts.ts';
import { NO_RATES, RateMeter, type Rates } from './rows/rates.ts';
import { NO_ROWS, Rows } from './rows/rows.ts';
import { Sample } from './rows/sample.ts';
import type { Identity } from './rows/selection.ts';
import { doInSlices } from './slices.ts';
import type { Look, Source } from './source.ts';
import { Watch, type Watched } from './watch.ts';

/** What the last command came to. */
export type Notice =
  | { readonly kind: 'busy' | 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly error: SpliceError };

/** One moment of the view; a new object after every change. */
export interface TuiState {
  /** Null until core could be asked for the first time. */
  readonly status: Status | null;
  readonly rows: Rows;
  readonly rates: Rates;
  /** Of all sockets together. */
  readonly turnaround: Turnaround | null;
  /** Set while watch() has somebody to watch. */
  readonly watched: Watched | null;
  readonly headline: readonly string[];
  /** Why the last look failed; what is shown besides is from the look before. */
  readonly problem: SpliceError | null;
  readonly notice: Notice | null;
  readonly isPaused: boolean;
  /** Between two looks, as it is at the moment. */
  readonly intervalMs: number;
}

/** Told of each look, and of the events that came since the one before. */
type Looker = (look: Look, batch: EventBatch) => void;

export interface StoreOptions {
  readonly source: Source;
  readonly intervalMs: number;
  readonly arrangement?: Arrangement | undefined;
  /** Lines of the host program, asked for at each look. */
  readonly headline?: (() => string[]) | undefined;
}

/** Four looks a second: quick to the eye, cheap for the machine. */
export const DEFAULT_INTERVAL_MS = 250;

const MAX_HEADLINE = 3;

/** The second look tells rates, and who the owners are. */
const SECOND_LOOK_MS = 100;

export class Store {
  readonly source: Source;
  /** The release of the kernel that the splice is in. */
  readonly kernel: string;
  /** What happens to connections. */
  readonly feed: EventFeed;
  readonly #headline: () => string[];
  #meter = new RateMeter();
  readonly #ghosts = new Ghosts();
  #asker: Asker;
  readonly #pacer: Pacer;
  readonly #listeners = new Set<() => void>();
  readonly #lookers = new Set<Looker>();
  /** How often the time of a replay went back. */
  #returns = 0;
  #state: TuiState;
  #watch: Watch | null = null;
  /** Which rows are on screen. */
  #shown = { from: 0, to: 0 };
  #timer: NodeJS.Timeout | undefined;
  readonly #stopped = new AbortController();
  /** What was begun and has not come to its end. */
  readonly #begun = new Set<Promise<void>>();
  #isLooking = false;
  /** Whether another look was wanted while one was under way. */
  #again = false;

  constructor({ source, intervalMs, arrangement = AS_OPENED, headline }: StoreOptions) {
    this.source = source;
    this.kernel = source.kernel ?? release();
    this.feed = new EventFeed(source);
    this.#headline = headline ?? (() => []);
    this.#asker = new Asker(source);
    this.#pacer = new Pacer(intervalMs, DEFAULT_INTERVAL_MS);
    this.#state = {
      status: null,
      rows: new Rows(NO_ROWS.known, arrangement),
      rates: NO_RATES,
      turnaround: null,
      watched: null,
      headline: [],
      problem: null,
      notice: null,
      isPaused: false,
      intervalMs,
    };
  }
  /**
   * Looks at once, then now and then until stop(). What is thrown then and is not a SpliceError is
   * left unhandled: it ends the view. See showFullScreen().
   */
  start(): void {
    this.lookNow();
    this.#timer = setTimeout(() => void this.#turn(), SECOND_LOOK_MS);
  }

  /** Looks no more; resolves when what was begun has come to its end. */
  async stop(): Promise<void> {
    this.feed[Symbol.dispose]();
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#begun);
  }

  /** Does what takes its time, and what must not be left half done: stop() aborts the signal, and waits for it. */
  async finishBeforeStop(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const done = work(this.#stopped.signal);
    this.#begun.add(done);
    try {
      await done;
    } finally {
      this.#begun.delete(done);
    }
  }

  /** Looks once, at once. */
  lookNow(): void {
    finish(this.#look());
  }

  /** Looks as soon as can be, not at the next turn: something was changed. */
  refresh(): void {
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#timer);
    void this.#turn();
  }

  /** For useSyncExternalStore. Returns the function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): TuiState => this.#state;

  /** Sorts, filters or folds the rows anew. */
  arrange(change: Partial<Arrangement>): void {
    const { rows } = this.#state;
    this.#ghosts.clear();
    this.#set({ rows: new Rows(rows.known, { ...rows.arrangement, ...change }) });
  }

  /** Says which rows are on screen: what costs more is only asked for those. */
  showing(from: number, to: number): void {
    this.#shown = { from, to };
  }

  /** Keeps `watched` up to date with a connection, or with none. */
  watch(identity: Identity | null): void {
    this.#watch = identity && new Watch(identity);
    this.#set({ watched: this.#watch?.update(this.#state.rows.known) ?? null });
  }

  /** Calls `listener` after each look, with what was seen. Returns the function that ends it. */
  onLook(listener: Looker): () => void {
    this.#lookers.add(listener);
    return () => this.#lookers.delete(listener);
  }

  /** Freezes what is shown, or lets it go on. */
  pause(isPaused: boolean): void {
    this.#set({ isPaused });
    if (!isPaused) this.refresh();
  }

  /** Shows what a command came to, or nothing any more. */
  tell(notice: Notice | null): void {
    if (notice !== this.#state.notice) this.#set({ notice });
  }

  async #turn(): Promise<void> {
    this.#again = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { signal } = this.#stopped;
    const begin = performance.now();
    this.#pacer.turn(processorMs() - this.#asker.spentMs);
    do {
      this.#again = false;
      await doInSlices(this.#look(), signal);
    } while (this.#again && !signal.aborted);
    this.#isLooking = false;
    if (!signal.aborted) this.#schedule(begin);
  }

  #schedule(begin: number): void {
    const left = this.#pacer.intervalMs - (performance.now() - begin);
    this.#timer = setTimeout(() => void this.#turn(), Math.max(1, left));
  }

  /** What core refuses becomes `problem`; the splice may come and go meanwhile. */
  *#look(): Steps<void> {
    const headline = this.#headline().slice(0, MAX_HEADLINE);
    const { intervalMs } = this.#pacer;
    if (this.#state.isPaused) {
      this.#set({ headline });
      return;
    }
    try {
      const look = yield* this.source.look();
      const seen = yield* this.#make(look);
      this.#set({ ...seen, headline, intervalMs, problem: null });
      const batch = this.feed.poll();
      this.feed.remember(this.#state.rows.known.owners);
      for (const looker of this.#lookers) looker(look, batch);
    } catch (error) {
      if (!(error instanceof SpliceError)) throw error;
      this.#set({ headline, intervalMs, problem: error });
    }
  }

  *#make(look: Look): Steps<Partial<TuiState>> {
    this.#followTime();
    const sample = new Sample(look);
    yield;
    const isLoaded = look.status.loaded;
    const answers = isLoaded ? yield* this.#asker.ask(sample.counts, this.#state.rows, this.#shownKeys()) : {};
    const rates = this.#meter.update(look.status, sample.counts);
    yield;
    // What the user did meanwhile counts.
    const { rows } = this.#state;
    const known = { ...NO_ROWS.known, ...answers, sample, before: rows.known.sample.counts, rates };
    const ghosts = this.#ghosts.update(rows, sample.counts, this.#shown.from, this.#shown.to);
    return {
      status: look.status,
      rows: new Rows(known, rows.arrangement, isLoaded ? ghosts : []),
      rates,
      turnaround: isLoaded ? this.source.turnaround() : null,
      watched: this.#watch?.update(known) ?? null,
    };
  }

  /** When a replay goes back, nothing of what was made of the time before holds. */
  #followTime(): void {
    const returns = this.source.replay?.playback.returns ?? 0;
    if (returns === this.#returns) return;
    this.#returns = returns;
    this.#meter = new RateMeter();
    this.#asker = new Asker(this.source);
    this.#ghosts.clear();
    // What comes is not compared with what was later.
    this.#state = { ...this.#state, rows: new Rows(NO_ROWS.known, this.#state.rows.arrangement) };
    if (this.#watch) this.#watch = new Watch(this.#watch.identity);
  }

  #shownKeys(): string[] {
    const { rows, watched } = this.#state;
    const shown = rows.slice(this.#shown.from, this.#shown.to);
    const ends = [
      watched?.own?.entry,
      watched?.peer?.entry,
      ...shown.flatMap(({ entry, back }) => [entry, back?.entry]),
    ];
    return ends.flatMap((entry) => (entry ? [entry.key] : []));
  }

  #set(change: Partial<TuiState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
