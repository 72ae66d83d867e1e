/** What is asked of core besides the entries: owners and turnarounds, as seldom as will do. */
import type { OwnerDetail, Steps, Turnaround } from '../core/index.ts';
import type { Knowledge } from './rows/knowledge.ts';
import type { Rows } from './rows/rows.ts';
import type { Counts } from './rows/sample.ts';
import { Seldom } from './seldom.ts';
import type { Source } from './source.ts';

const OWNERS_EVERY_MS = 2000;
const TURNAROUNDS_EVERY_MS = 1000;

type Answers = Pick<Knowledge, 'owners' | 'turnarounds'>;

export class Asker {
  readonly #source: Source;
  readonly #ownersPace = new Seldom(OWNERS_EVERY_MS);
  readonly #turnaroundsPace = new Seldom(TURNAROUNDS_EVERY_MS);
  #owners: ReadonlyMap<string, OwnerDetail> = new Map();
  /** The entries that were there when the owners were asked for. */
  #asked: Counts | null = null;
  /** The first screen does not wait for the owners. */
  #isFirst = true;
  #turnarounds: ReadonlyMap<string, Turnaround> = new Map();

  constructor(source: Source) {
    this.#source = source;
  }

  /**
   * What is known after a look.
   * @param keys of the entries whose turnaround is shown
   */
  *ask(counts: Counts, rows: Rows, keys: readonly string[]): Steps<Answers> {
    const { atMs, ids } = counts;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (!isFirst && ids.length > 0 && this.#ownersPace.isDue(atMs, this.#hasNew(counts))) {
      this.#owners = yield* this.#ownersPace.time(atMs, this.#source.findOwners());
      this.#asked = counts;
    }
    if (!needsAllTurnarounds(rows)) this.#turnarounds = this.#source.turnarounds(keys);
    else if (this.#turnaroundsPace.isDue(atMs, false)) {
      this.#turnarounds = yield* this.#turnaroundsPace.time(atMs, allTurnarounds(this.#source));
    }
    return { owners: this.#owners, turnarounds: this.#turnarounds };
  }

  /** Processor time that went into what has a pace of its own. */
  get spentMs(): number {
    return this.#ownersPace.spentMs + this.#turnaroundsPace.spentMs;
  }

  #hasNew({ ids }: Counts): boolean {
    const asked = this.#asked;
    return asked === null || ids.some((id, place) => asked.find(id, place) < 0);
  }
}

/** Whether the rows are sorted or filtered by it, so that those on screen are not enough. */
function needsAllTurnarounds({ arrangement: { sort, filter } }: Rows): boolean {
  return sort.column === 'p50' || sort.column === 'p99' || /\bp(?:50|99)\b/.test(filter.text);
}

// biome-ignore lint/correctness/useYield: core does it in one step
function* allTurnarounds(source: Source): Steps<ReadonlyMap<string, Turnaround>> {
  return source.turnarounds();
}
