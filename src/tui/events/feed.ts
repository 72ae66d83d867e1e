/** The last events of a splice: reads them, and keeps as many as anybody scrolls through. */
import { type EventBatch, type EventReader, type Owner, SpliceError, type SpliceEvent } from '../../core/index.ts';

/** Where events come from. Time goes back only in a recording. */
export interface EventSource {
  events(): EventReader;
  readonly replay?: {
    /** How often time went back: what was told before holds no longer. */
    readonly playback: { readonly returns: number };
  };
}

/** One moment of the feed; a new object after every change. */
export interface FeedState {
  /** The newest last. */
  readonly events: readonly SpliceEvent[];
  /** How many there were before these: they are not kept. */
  readonly forgotten: number;
  /** How many were never read, because they came too fast. */
  readonly lost: number;
  /** Why there are none. */
  readonly problem: SpliceError | null;
}

const MOST = 5000;
const NOTHING: FeedState = { events: [], forgotten: 0, lost: 0, problem: null };

export class EventFeed implements Disposable {
  readonly #source: EventSource;
  readonly #listeners = new Set<() => void>();
  readonly #owners = new Map<string, Owner>();
  #reader: EventReader | null = null;
  #returns = 0;
  #state = NOTHING;

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** For useSyncExternalStore. Returns the function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): FeedState => this.#state;

  /** Reads what came since the last time. Returns it, for whoever records. */
  poll(): EventBatch {
    const returns = this.#source.replay?.playback.returns ?? 0;
    if (returns !== this.#returns) {
      this[Symbol.dispose]();
      this.#set(NOTHING);
      this.#returns = returns;
    }
    try {
      this.#reader ??= this.#source.events();
      const batch = this.#reader.read();
      if (batch.events.length + batch.lost > 0 || this.#state.problem !== null) this.#add(batch);
      return batch;
    } catch (error) {
      if (!(error instanceof SpliceError)) throw error;
      if (this.#state.problem?.message !== error.message) this.#set({ ...this.#state, problem: error });
      return { events: [], lost: 0 };
    }
  }

  /** Keeps the owners of the entries that events are about: an event outlives its entry. */
  remember(owners: ReadonlyMap<string, Owner>): void {
    for (const { cookie } of this.#state.events) {
      const owner = owners.get(cookie);
      if (owner) this.#owners.set(cookie, owner);
    }
    if (this.#owners.size <= 2 * MOST) return;
    const told = new Set(this.#state.events.map(({ cookie }) => cookie));
    for (const cookie of this.#owners.keys()) if (!told.has(cookie)) this.#owners.delete(cookie);
  }

  /** Who had the socket of an entry open, when that is known. */
  ownerOf(cookie: string): Owner | null {
    return this.#owners.get(cookie) ?? null;
  }

  /** Lets go of the reader; another poll would open a new one. */
  [Symbol.dispose](): void {
    this.#reader?.close();
    this.#reader = null;
  }

  #add({ events, lost }: EventBatch): void {
    const all = [...this.#state.events, ...events];
    const surplus = Math.max(0, all.length - MOST);
    this.#set({
      events: surplus > 0 ? all.slice(surplus) : all,
      forgotten: this.#state.forgotten + surplus,
      lost: this.#state.lost + lost,
      problem: null,
    });
  }

  #set(state: FeedState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
