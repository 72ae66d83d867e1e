/** The entries of one pass over a map, and what they know of each other. */
import { Entry } from './entry.ts';
import type { Family } from './family.ts';
import { PeerIndex } from './peer-index.ts';
import { Records } from './records.ts';

export class Listing {
  readonly entries: Entry[] = [];
  readonly family: Family;
  readonly #chunks: Records[] = [];
  #length = 0;
  #peers: PeerIndex | undefined;

  constructor(family: Family) {
    this.family = family;
  }

  /** Adds the records of one read(2); the words must not change any more. */
  addChunk(words: Uint32Array): void {
    const { recordWords } = this.family;
    const previous = this.#chunks.at(-1);
    const records = new Records(words, this, this.#length);
    this.#chunks.push(records);
    this.#length += records.length;
    for (let at = 0; at < words.length; at += recordWords) {
      if (!previous || !records.repeats(at, previous)) this.entries.push(new Entry(records, at));
    }
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
