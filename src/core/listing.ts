/** The entries of one pass over the maps, and what they know of each other. */
import { Entry } from './entry.ts';
import type { Family } from './family.ts';
import { KeySet } from './key-set.ts';
import { Records } from './records.ts';

/** Entries of one hash bucket at the most that are looked through for a repetition. */
const LONGEST_BUCKET = 32;

export class Listing {
  readonly entries: Entry[] = [];
  readonly #chunks: Records[] = [];
  readonly #keys = new Map<Family, KeySet>();

  /** Adds the records of one read(2); the words must not change any more. */
  addChunk(words: Uint32Array, family: Family): void {
    const { recordWords } = family;
    const previous = this.entries.slice(-LONGEST_BUCKET);
    const records = new Records(words, family, this);
    this.#chunks.push(records);
    for (let at = 0; at < words.length; at += recordWords) {
      const entry = new Entry(records, at);
      // A read that ends inside a bucket begins the next one at that bucket's first entry.
      if (at < LONGEST_BUCKET * recordWords && previous.some((other) => other.hasKeyOf(entry))) continue;
      this.entries.push(entry);
    }
  }

  /** The keys of all entries of a family. */
  keysOf(family: Family): KeySet {
    let keys = this.#keys.get(family);
    if (!keys) {
      const chunks = this.#chunks.filter((chunk) => chunk.family === family);
      keys = new KeySet(
        family,
        chunks.reduce((sum, { length }) => sum + length, 0),
      );
      for (const chunk of chunks) chunk.addKeysTo(keys);
      this.#keys.set(family, keys);
    }
    return keys;
  }
}
