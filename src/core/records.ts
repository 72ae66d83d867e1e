/** The records of one read(2) of an iterator over a map: the memory that entries are decoded from. */
import type { Family } from './family.ts';
import type { Listing } from './listing.ts';
import type { PeerIndex } from './peer-index.ts';

/** Entries of an ordinary hash bucket. */
const LONGEST_BUCKET = 32;
/** So many of the first records may be new in their bucket, which was begun again. */
const MOST_NEW = 4;

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
   * How many words at the end of the read before may be of the bucket that this read begins with: one that
   * ends inside a bucket begins the next one at that bucket's first entry.
   */
  sharedWith(before: Records): number {
    const { recordWords } = this.family;
    let shared = LONGEST_BUCKET * recordWords;
    for (let at = 0; at < MOST_NEW * recordWords && at < this.words.length; at += recordWords) {
      const found = this.#find(at, before, 0);
      if (found >= 0) shared = Math.max(shared, before.words.length - found);
    }
    return shared;
  }

  /** Whether the key of the record at word `at` was among the last `shared` words of the read before. */
  repeats(at: number, before: Records, shared: number): boolean {
    return at < shared && this.#find(at, before, Math.max(0, before.words.length - shared)) >= 0;
  }

  addKeysTo(peers: PeerIndex): void {
    const { recordWords, keyInRecord } = this.family;
    for (let key = keyInRecord; key < this.words.length; key += recordWords) peers.add(this.words, key);
  }

  /** At which word, from `from` on, the key of a record stands in another read; -1 when it does not. */
  #find(at: number, { words }: Records, from: number): number {
    const { recordWords } = this.family;
    for (let other = from; other < words.length; other += recordWords) {
      if (this.#hasSameKey(at, words, other)) return other;
    }
    return -1;
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
