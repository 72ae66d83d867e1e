/** One connection that is looked at closely: both ends, and what they did in the last second. */
import {
  type Counters,
  type Entry,
  type EntryJson,
  type OwnerDetail,
  PASS_REASONS,
  type Passes,
  type Turnaround,
} from '../core/index.ts';
import type { Knowledge } from './rows/knowledge.ts';
import type { Identity } from './rows/selection.ts';

/** One end of it, as of the last look. */
export interface WatchedEnd {
  /** Whoever knows no verdicts has none. */
  readonly entry: EntryJson & Partial<Pick<Entry, 'verdict' | 'verdictMs'>>;
  readonly owner: OwnerDetail | null;
  readonly turnaround: Turnaround | null;
  /** What it sent in the last second; null until that is known. */
  readonly lastSecond: Counters | null;
}

export interface Watched {
  readonly identity: Identity;
  /** Null when it is gone. */
  readonly own: WatchedEnd | null;
  /** Null when there is no entry under the reverse key. */
  readonly peer: WatchedEnd | null;
}

const WINDOW_MS = 1000;

export class Watch {
  readonly identity: Identity;
  readonly #own = new Pulse();
  readonly #peer = new Pulse();

  constructor(identity: Identity) {
    this.identity = identity;
  }

  /** What is known of it after a look. */
  update(known: Knowledge): Watched {
    const { sample } = known;
    const found = sample.entries[sample.find(Number(this.identity.cookie))];
    const entry = found?.key === this.identity.key ? found : null;
    const peer = entry?.peer ? (sample.entries.find((other) => isReverse(entry, other)) ?? null) : null;
    return {
      identity: this.identity,
      own: entry && describe(entry, known, this.#own),
      peer: peer && describe(peer, known, this.#peer),
    };
  }
}

/** What one socket sent, second by second. */
class Pulse {
  #cookie = '';
  #atMs = 0;
  #counters: Counters | null = null;
  #lastSecond: Counters | null = null;

  update(entry: EntryJson, atMs: number): Counters | null {
    if (this.#counters === null || this.#cookie !== entry.cookie) this.#lastSecond = null;
    else if (atMs - this.#atMs < WINDOW_MS) return this.#lastSecond;
    else this.#lastSecond = difference(entry, this.#counters);
    const { redirects, redirectBytes, passes } = entry;
    [this.#cookie, this.#atMs, this.#counters] = [entry.cookie, atMs, { redirects, redirectBytes, passes }];
    return this.#lastSecond;
  }
}

function describe(entry: EntryJson, { owners, turnarounds, sample }: Knowledge, pulse: Pulse): WatchedEnd {
  return {
    entry,
    owner: entry.process ?? owners.get(entry.cookie) ?? null,
    turnaround: turnarounds.get(entry.cookie) ?? null,
    lastSecond: pulse.update(entry, sample.counts.atMs),
  };
}

/** Numbers first: an address is text. */
function isReverse(entry: EntryJson, other: EntryJson): boolean {
  if (entry.sport !== other.dport || entry.dport !== other.sport) return false;
  return entry.sip === other.dip && entry.dip === other.sip;
}

function difference(now: Counters, before: Counters): Counters {
  const passes = PASS_REASONS.map((reason) => [reason, now.passes[reason] - before.passes[reason]]);
  return {
    redirects: now.redirects - before.redirects,
    redirectBytes: now.redirectBytes - before.redirectBytes,
    passes: Object.fromEntries(passes) as Passes,
  };
}
