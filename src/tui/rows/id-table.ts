/** Finds numbers in an array: a hash table with open addressing, beside the array. */

/**
 * The places of `ids`, which are different from each other and positive. A Map would allocate for
 * each of 64 000 sockets at each look.
 */
export class IdTable {
  readonly #ids: Float64Array;
  /** A place in `ids`, + 1; 0 is an empty slot. At most half of them are taken. */
  readonly #slots: Int32Array;

  constructor(ids: Float64Array) {
    this.#ids = ids;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * ids.length + 2)));
    for (let place = 0; place < ids.length; place++) {
      let slot = this.#firstSlot(ids[place] as number);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = place + 1;
    }
  }

  /** The place of `id`, or -1. It is looked for at `hint` first: two looks are mostly in one order. */
  find(id: number, hint = 0): number {
    if (this.#ids[hint] === id) return hint;
    for (let slot = this.#firstSlot(id); ; slot = (slot + 1) & (this.#slots.length - 1)) {
      const place = (this.#slots[slot] as number) - 1;
      if (place < 0 || this.#ids[place] === id) return place;
    }
  }

  #firstSlot(id: number): number {
    const mixed = Math.imul(id ^ Math.imul((id / 0x1_0000_0000) | 0, 0x85ebca6b), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & (this.#slots.length - 1);
  }
}
