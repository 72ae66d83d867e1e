/** The entries of one pass over the maps, and what they know of each other. */
import { Entry } from './entry.ts';
import type { Family } from './family.ts';

/** Entries of one hash bucket at the most that are looked through for a repetition. */
const LONGEST_BUCKET = 32;

export class Listing {
  readonly entries: Entry[] = [];
  #byPorts: Map<number, Entry[]> | undefined;

  /** Adds the records of one read(2); the words must not change any more. */
  addChunk(words: Uint32Array, family: Family): void {
    const before = this.entries.length;
    const { recordWords } = family;
    for (let at = 0; at < words.length; at += recordWords) {
      const entry = new Entry(words, at, family, this);
      // A read that ends inside a bucket begins the next one at that bucket's first entry.
      if (at < LONGEST_BUCKET * recordWords && this.#isRepeated(entry, before)) continue;
      this.entries.push(entry);
    }
  }

  /** Whether the reverse key of an entry was listed too. */
  hasPeerOf(entry: Entry): boolean {
    this.#byPorts ??= Map.groupBy(this.entries, ({ sport, dport }) => ports(sport, dport));
    const candidates = this.#byPorts.get(ports(entry.dport, entry.sport));
    return candidates?.some((other) => other.isReverseOf(entry)) ?? false;
  }

  #isRepeated(entry: Entry, before: number): boolean {
    return this.entries.slice(Math.max(0, before - LONGEST_BUCKET), before).some((other) => other.hasKeyOf(entry));
  }
}

/** Both ports as one small integer, which a Map finds fastest. */
function ports(own: number, peer: number): number {
  return (own << 16) | peer;
}
