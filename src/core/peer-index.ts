/** Which keys of a listing have their reverse in it. */
import type { Family } from './family.ts';

/**
 * A hash table with open addressing, in arrays of numbers. A Map of entries takes several times as
 * long: it allocates for each, and compares by reading memory all over the heap. Both ends of a
 * connection have one hash, so that adding a key finds its reverse.
 */
export class PeerIndex {
  readonly #family: Family;
  /** The keys one after another, as the map has them. */
  readonly #keys: Uint32Array;
  /** By hash: the number of a key + 1; 0 is an empty slot. */
  readonly #slots: Uint32Array;
  /** By number: whether the reverse of a key was added. */
  readonly #hasReverse: Uint8Array;
  #length = 0;

  /** An empty index with room for `most` keys. */
  constructor(family: Family, most: number) {
    this.#family = family;
    this.#keys = new Uint32Array(most * family.keyWords);
    // At most half full, so that a search is short.
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 1)));
    this.#hasReverse = new Uint8Array(most);
  }

  /** Adds the key that begins at word `at`; keys are numbered in the order in which they come. */
  add(words: Uint32Array, at: number): void {
    const { keyWords } = this.#family;
    const number = this.#length++;
    const own = number * keyWords;
    for (let word = 0; word < keyWords; word++) this.#keys[own + word] = words[at + word] as number;
    const last = this.#slots.length - 1;
    let slot = this.#hash(own) & last;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & last) {
      const other = (this.#slots[slot] as number) - 1;
      if (!this.#areReverse(own, other * keyWords)) continue;
      this.#hasReverse[number] = this.#hasReverse[other] = 1;
      return;
    }
    this.#slots[slot] = number + 1;
    // A socket may be connected to itself.
    if (this.#areReverse(own, own)) this.#hasReverse[number] = 1;
  }

  /** Whether the reverse of a key was added; of one that was added twice, ask for the first. */
  hasReverseOf(number: number): boolean {
    return this.#hasReverse[number] === 1;
  }

  /** The same for a key and its reverse; by the ports, and the last words of the addresses, which differ most. */
  #hash(at: number): number {
    const { sip, dip, sport, dport } = this.#family.key;
    const addresses = (this.#keys[at + dip - 1] as number) + (this.#keys[at + 2 * dip - sip - 1] as number);
    const ports = mix(this.#keys[at + sport] as number) + mix(this.#keys[at + dport] as number);
    return mix(addresses ^ ports);
  }

  #areReverse(one: number, other: number): boolean {
    const keys = this.#keys;
    const { sip, dip, sport, dport } = this.#family.key;
    if (keys[one + dport] !== keys[other + sport] || keys[one + sport] !== keys[other + dport]) return false;
    for (let word = 0; word < dip - sip; word++) {
      if (keys[one + dip + word] !== keys[other + sip + word]) return false;
      if (keys[one + sip + word] !== keys[other + dip + word]) return false;
    }
    return true;
  }
}

function mix(number: number): number {
  const mixed = Math.imul(number, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
