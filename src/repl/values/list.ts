/** An array whose methods give arrays of its own kind, but for those that make something else of the items. */
export class List<Item> extends Array<Item> {
  /** A plain array: what is made of items need not be one. */
  override map<Value>(make: (item: Item, index: number, list: Item[]) => Value, self?: unknown): Value[] {
    return Array.from(this).map(make, self);
  }

  /** A plain array, as map() gives it. */
  override flatMap<Value, Self = undefined>(
    make: (this: Self, item: Item, index: number, list: Item[]) => Value | readonly Value[],
    self?: Self,
  ): Value[] {
    return Array.from(this).flatMap(make, self);
  }

  override toSorted(compare?: (one: Item, other: Item) => number): Item[] {
    return this.slice().sort(compare);
  }

  override toReversed(): Item[] {
    return this.slice().reverse();
  }
}
