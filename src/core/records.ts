/** The records of one read(2) of an iterator over a map: the memory that entries are decoded from. */
import type { Family } from './family.ts';
import type { Listing } from './listing.ts';
import type { PeerIndex } from './peer-index.ts';

/** Entries of one hash bucket at the most that are looked through for a repetition. */
const LONGEST_BUCKET = 32;

export class Records {
  readonly words: Uint32Array;
  readonly family: Family;
  readonly #listing: Listing;
  readonly #first: number;
  #hex: string | undefined;

  /** @param first how many records of the listing come before these */
  constructor(words: Uint32Array, listing: Listing, first: number) {
    this.words = words;
    this.family = listing.family;
    this.#listing = listing;
    this.#first = first;
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
    return this.#listing.peers.hasReverseOf(this.#first + at / this.family.recordWords);
  }

  /**
   * Whether the key of the record at word `at` was in the read before: one that ends inside a bucket
   * begins the next one at that bucket's first entry.
   */
  repeats(at: number, before: Records): boolean {
    const { recordWords } = this.family;
    const most = LONGEST_BUCKET * recordWords;
    if (at >= most) return false;
    for (let other = Math.max(0, before.words.length - most); other < before.words.length; other += recordWords) {
      if (this.#hasSameKey(at, before.words, other)) return true;
    }
    return false;
  }

  addKeysTo(peers: PeerIndex): void {
    const { recordWords, keyInRecord } = this.family;
    for (let key = keyInRecord; key < this.words.length; key += recordWords) peers.add(this.words, key);
  }

  /** The ports come last, and are what differs most. */
  #hasSameKey(at: number, others: Uint32Array, other: number): boolean {
    const { keyInRecord, keyWords } = this.family;
    for (let word = keyInRecord + keyWords - 1; word >= keyInRecord; word--) {
      if (this.words[at + word] !== others[other + word]) return false;
    }
    return true;
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
