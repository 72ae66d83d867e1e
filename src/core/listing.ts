/** The entries of one pass over a map, and what they know of each other. */
import { Entry } from './entry.ts';
import { SpliceError } from './errors.ts';
import type { Family } from './family.ts';
import { PeerIndex } from './peer-index.ts';
import { Records } from './records.ts';

/** Reads one after another that have nothing new: the bucket that they begin with is longer than a read. */
const MOST_STALE = 3;

export class Listing {
  readonly entries: Entry[] = [];
  readonly family: Family;
  readonly #chunks: Records[] = [];
  #length = 0;
  #stale = 0;
  #peers: PeerIndex | undefined;

  constructor(family: Family) {
    this.family = family;
  }

  /**
   * Adds the records of one read(2); the words must not change any more.
   * @throws SpliceError MAP_CROWDED when no read will have anything new
   */
  addChunk(words: Uint32Array): void {
    const { recordWords } = this.family;
    const previous = this.#chunks.at(-1);
    const records = new Records(words, this, this.#length);
    this.#chunks.push(records);
    this.#length += records.length;
    const known = this.entries.length;
    const shared = previous ? records.sharedWith(previous) : 0;
    for (let at = 0; at < words.length; at += recordWords) {
      if (!previous || !records.repeats(at, previous, shared)) this.entries.push(new Entry(records, at));
    }
    this.#stale = this.entries.length > known ? 0 : this.#stale + 1;
    if (this.#stale >= MOST_STALE) throw crowded(this.family.map);
  }

  /** The keys of all records, in their order. */
  get peers(): PeerIndex {
    if (!this.#peers) {
      this.#peers = new PeerIndex(this.family, this.#length);
      for (const chunk of this.#chunks) chunk.addKeysTo(this.#peers);
    }
    return this.#peers;
  }
}

/**
 * The error for a map of which the kernel cannot list all: each read(2) of the iterator begins the bucket again
 * that the one before ended in (net/core/sock_map.c, sock_hash_seq_start), and never leaves one that is too long.
 */
export function crowded(map: string): SpliceError {
  return new SpliceError(
    'MAP_CROWDED',
    `so many entries of ${map} share a bucket of its hash that the kernel does not list those behind them`,
    "'splice mode bypass', which stops redirecting, or 'splice down', which removes them all",
  );
}
