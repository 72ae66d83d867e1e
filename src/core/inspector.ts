/** How a splice is read: bpf/inspect.bpf.c, loaded beside it. */
import { CgroupNames } from './cgroup.ts';
import type { Entry, OwnerDetail } from './entry.ts';
import { SpliceError } from './errors.ts';
import { FAMILIES, type Family, IPV4, IPV6 } from './family.ts';
import { Iterators, recordsOf } from './iterators.ts';
import { DRAIN_ACTIONS, LAYOUT, readU64 } from './layout.ts';
import { Listing } from './listing.ts';
import { BPF_ANY, lookupElement, updateElement } from './map-elements.ts';
import type { PinnedMaps } from './pinned.ts';
import { printable } from './printable.ts';
import type { SockKey } from './sock-key.ts';
import { numbersProcessesAsMachine, socketHolders } from './socket-holders.ts';
import { finish, type Steps } from './steps.ts';

const ONLY = Buffer.alloc(4);

/** The iterators over one splice; for another splice, make another. */
export class Inspector implements Disposable {
  /** The id of the INTERCEPT_MAP that it reads. */
  readonly mapId: number;
  readonly #iterators: Iterators;
  readonly #cgroups = new CgroupNames();
  /** How many look at something that takes several steps. */
  #keepers = 0;
  #isOver = false;

  constructor(pinned: PinnedMaps) {
    this.#iterators = new Iterators('inspect', pinned);
    this.mapId = pinned.mapInfo().id;
  }

  /** Every entry, in the order of the maps' buckets; one pass over each. @throws SpliceError MAP_CROWDED */
  list(): Entry[] {
    return finish(this.listing());
  }

  /** As many entries as the kernel lists, and whether these are all: without an error when a bucket is too long. */
  listPart(): { entries: Entry[]; isWhole: boolean } {
    const listings = FAMILIES.map((family) => new Listing(family));
    const isWhole = listings.map((listing) => this.#fill(listing)).every(Boolean);
    return { entries: listings.flatMap(({ entries }) => entries), isWhole };
  }

  /** The same in steps, one a read(2). */
  *listing(): Steps<Entry[]> {
    const entries = yield* this.#listFamily(IPV4);
    return entries.concat(yield* this.#listFamily(IPV6));
  }

  /** Which process has the socket of an entry open, by socket cookie; the first that is found. */
  *owners(): Steps<Map<string, OwnerDetail>> {
    const owners = new Map<string, OwnerDetail>();
    this.#cgroups.lookAgain();
    const holders = numbersProcessesAsMachine() ? null : socketHolders();
    const { size, fields } = LAYOUT.owner_record;
    for (const chunk of this.#iterators.chunks('find_owners', size)) {
      for (const record of recordsOf(chunk, size)) {
        const cookie = String(readU64(record, fields.cookie / 4));
        if (owners.has(cookie)) continue;
        const bytes = Buffer.from(record.buffer, record.byteOffset, size);
        const comm = upToNul(bytes.toString('utf8', fields.comm));
        const cgroup = this.#cgroups.nameOf(readU64(record, fields.cgroup_id / 4));
        const pid = holders === null ? (record[fields.pid / 4] as number) : holders.get(cookie)?.[0]?.pid;
        // Who has no number here is not known here.
        if (pid !== undefined) owners.set(cookie, { pid, comm: printable(comm), cgroup });
      }
      yield;
    }
    return owners;
  }

  /** Stops redirecting to an entry, or begins again. An entry of another tool is not changed. */
  drain(key: SockKey, action: 'begin' | 'end'): void {
    this.#drain(action, key.family, key.encode());
  }

  /** Redirects to every entry again: a command that was killed may have left one draining. */
  endDrains(): void {
    for (const family of FAMILIES) this.#drain('endAll', family);
  }

  /** How many entries are being drained, or were when a command was killed. */
  countDrains(): number {
    return FAMILIES.reduce((sum, family) => sum + this.#drain('count', family), 0);
  }

  /** Puts its end off until what is returned is disposed of. */
  keep(): Disposable {
    this.#keepers++;
    return {
      [Symbol.dispose]: () => {
        this.#keepers--;
        this.#endWhenOver();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#endWhenOver();
  }

  #endWhenOver(): void {
    if (this.#isOver && this.#keepers === 0) this.#iterators[Symbol.dispose]();
  }

  /** False when the map is crowded. */
  #fill(listing: Listing): boolean {
    try {
      finish(this.#listInto(listing));
      return true;
    } catch (error) {
      if (error instanceof SpliceError && error.code === 'MAP_CROWDED') return false;
      throw error;
    }
  }

  *#listFamily(family: Family): Steps<Entry[]> {
    return (yield* this.#listInto(new Listing(family))).entries;
  }

  *#listInto(listing: Listing): Steps<Listing> {
    const { family } = listing;
    for (const chunk of this.#iterators.chunks(family.listProgram, 4 * family.recordWords, family.map)) {
      listing.addChunk(chunk);
      yield;
    }
    return listing;
  }

  /** Returns how many the program counted. */
  #drain(action: (typeof DRAIN_ACTIONS)[number], family: Family, key?: Buffer): number {
    const { size, fields } = LAYOUT.drain;
    const drains = this.#iterators.mapFd('drains');
    const request = Buffer.alloc(size);
    key?.copy(request);
    request.writeUInt32LE(DRAIN_ACTIONS.indexOf(action), fields.action);
    updateElement(drains, ONLY, request, BPF_ANY);
    this.#iterators.read(family.drainProgram, 4, family.map);
    lookupElement(drains, ONLY, request);
    return request.readUInt32LE(fields.count);
  }
}

function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
