/** The keys of a listing, to find which of them have their reverse in it. */
import type { Family } from './family.ts';

/**
 * A hash table with open addressing, in two arrays of numbers. A Map of entries takes several times
 * as long: it allocates for each, and compares by reading memory all over the heap.
 */
export class KeySet {
  readonly #family: Family;
  /** The keys one after another, as the map has them. */
  readonly #keys: Uint32Array;
  /** Where a key begins in `keys`, + 1; 0 is an empty slot. */
  readonly #slots: Uint32Array;
  #used = 0;

  /** An empty set with room for `most` keys. */
  constructor(family: Family, most: number) {
    this.#family = family;
    this.#keys = new Uint32Array(most * family.keyWords);
    // At most half full, so that a search is short.
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 1)));
  }

  /** Adds the key that begins at word `at`; adding one twice does no harm. */
  add(words: Uint32Array, at: number): void {
    const { keyWords, key } = this.#family;
    let slot = this.#firstSlot(words, at, key.dport, key.sport);
    while (this.#slots[slot] !== 0) slot = this.#nextSlot(slot);
    this.#slots[slot] = this.#used + 1;
    for (let word = 0; word < keyWords; word++) this.#keys[this.#used + word] = words[at + word] as number;
    this.#used += keyWords;
  }

  /** Whether the reverse of the key that begins at word `at` was added. */
  hasReverseOf(words: Uint32Array, at: number): boolean {
    const { key } = this.#family;
    let slot = this.#firstSlot(words, at, key.sport, key.dport);
    for (; this.#slots[slot] !== 0; slot = this.#nextSlot(slot)) {
      if (this.#isReverse(words, at, (this.#slots[slot] as number) - 1)) return true;
    }
    return false;
  }

  #isReverse(words: Uint32Array, at: number, start: number): boolean {
    const keys = this.#keys;
    const { sip, dip, sport, dport } = this.#family.key;
    if (keys[start + dport] !== words[at + sport] || keys[start + sport] !== words[at + dport]) return false;
    const addressWords = dip - sip;
    for (let word = 0; word < addressWords; word++) {
      if (keys[start + dip + word] !== words[at + sip + word]) return false;
      if (keys[start + sip + word] !== words[at + dip + word]) return false;
    }
    return true;
  }

  /**
   * Where the search for a key begins, by its ports and the last words of its addresses, which are
   * what differs. A key and its reverse, with `low` and `high` changed over, have the same.
   */
  #firstSlot(words: Uint32Array, at: number, low: number, high: number): number {
    const { sip, dip } = this.#family.key;
    const addresses = (words[at + dip - 1] as number) ^ (words[at + 2 * dip - sip - 1] as number);
    const ports = (words[at + low] as number) | ((words[at + high] as number) << 16);
    const mixed = Math.imul(ports ^ Math.imul(addresses, 0x85ebca6b), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & (this.#slots.length - 1);
  }

  #nextSlot(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }
}
