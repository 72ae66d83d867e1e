/** The records of one read(2) of an iterator over a map: the memory that entries are decoded from. */
import type { Family } from './family.ts';
import type { KeySet } from './key-set.ts';
import type { Listing } from './listing.ts';

export class Records {
  readonly words: Uint32Array;
  readonly family: Family;
  readonly #listing: Listing;
  #listedKeys: KeySet | undefined;
  #hex: string | undefined;

  /** The words must not change any more. */
  constructor(words: Uint32Array, family: Family, listing: Listing) {
    this.words = words;
    this.family = family;
    this.#listing = listing;
  }

  /** How many there are. */
  get length(): number {
    return this.words.length / this.family.recordWords;
  }

  /** The bytes of the key of the record at word `at`, as hex digits. */
  keyHex(at: number): string {
    // All keys at once: one call out of JavaScript for three hundred, and no strings to join.
    this.#hex ??= Buffer.from(this.#keys().buffer).toString('hex');
    const { recordWords, keyWords } = this.family;
    const digits = 8 * keyWords;
    const from = (at / recordWords) * digits;
    return this.#hex.slice(from, from + digits);
  }

  /** Whether the reverse of the key of the record at word `at` was listed. */
  hasPeerOf(at: number): boolean {
    this.#listedKeys ??= this.#listing.keysOf(this.family);
    return this.#listedKeys.hasReverseOf(this.words, at + this.family.keyInRecord);
  }

  addKeysTo(keys: KeySet): void {
    const { recordWords, keyInRecord } = this.family;
    for (let key = keyInRecord; key < this.words.length; key += recordWords) keys.add(this.words, key);
  }

  /** The keys, one after another. */
  #keys(): Uint32Array<ArrayBuffer> {
    const { recordWords, keyInRecord, keyWords } = this.family;
    const keys = new Uint32Array(this.length * keyWords);
    let to = 0;
    for (let key = keyInRecord; key < this.words.length; key += recordWords) {
      for (let word = 0; word < keyWords; word++) keys[to++] = this.words[key + word] as number;
    }
    return keys;
  }
}
