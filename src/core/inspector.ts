/**
 * How a splice is read: bpf/inspect.bpf.c, loaded beside it. The kernel runs its iterators while
 * their output is read like a file.
 */
import { closeSync, readSync } from 'node:fs';
import type { Entry, Owner } from './entry.ts';
import { EDIT_ACTIONS, EDIT_RESULTS, LAYOUT, readU64 } from './layout.ts';
import {
  BPF_ANY,
  createIteratorLink,
  type LoadedObject,
  lookupElement,
  startIterator,
  updateElement,
} from './libbpf.ts';
import { Listing } from './listing.ts';
import { loadOurObject } from './objects.ts';
import { PIN } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import { printable } from './printable.ts';
import type { SockKey } from './sock-key.ts';

/** A read(2) of an iterator fills at most eight pages (kernel/bpf/bpf_iter.c, bpf_seq_read). */
const CHUNK_BYTES = 1 << 15;
/** Memory is taken in larger pieces: one for each read would cost more than the reading. */
const ROOM_BYTES = 1 << 20;
const ONLY = Buffer.alloc(4);

/** What an edit came to. */
export type EditResult = (typeof EDIT_RESULTS)[number];

/** The iterators over one splice; for another splice, make another. */
export class Inspector implements Disposable {
  /** The id of the INTERCEPT_MAP that it reads. */
  readonly mapId: number;
  readonly #object: LoadedObject;
  readonly #links = new Map<string, number>();
  readonly #mapFd: number;

  constructor(pinned: PinnedMaps) {
    const names = [PIN.map, PIN.endpoints, PIN.totals, PIN.settings];
    this.#object = loadOurObject('inspect', Object.fromEntries(names.map((name) => [name, { fd: pinned.fd(name) }])));
    this.mapId = pinned.mapInfo().id;
    this.#mapFd = this.#object.mapFd(PIN.map);
  }

  /** Every entry, in the order of the map's buckets; one pass. */
  list(): Entry[] {
    const listing = new Listing();
    for (const chunk of this.#read('list_entries', LAYOUT.entry_record.size, this.#mapFd)) listing.addChunk(chunk);
    return listing.entries;
  }

  /** Which process has the socket of an entry open, by socket cookie; the first that is found. */
  owners(): Map<string, Owner> {
    const owners = new Map<string, Owner>();
    const { size, fields } = LAYOUT.owner_record;
    for (const words of this.#read('find_owners', size, undefined)) {
      const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
      for (let at = 0; at < bytes.length; at += size) {
        const cookie = String(readU64(words, (at + fields.cookie) / 4));
        if (owners.has(cookie)) continue;
        const comm = bytes.toString('utf8', at + fields.comm, at + size);
        owners.set(cookie, { pid: words[(at + fields.pid) / 4] as number, comm: printable(upToNul(comm)) });
      }
    }
    return owners;
  }

  /** Carries out one edit on the entry under a key. */
  edit(key: SockKey, action: (typeof EDIT_ACTIONS)[number]): EditResult {
    const request = Buffer.alloc(LAYOUT.edit.size);
    key.encode().copy(request);
    request.writeUInt32LE(EDIT_ACTIONS.indexOf(action), LAYOUT.edit.fields.action);
    const editsFd = this.#object.mapFd('edits');
    updateElement(editsFd, ONLY, request, BPF_ANY);
    this.#read('edit_entry', 4, this.#mapFd);
    lookupElement(editsFd, ONLY, request);
    return EDIT_RESULTS[request.readUInt32LE(LAYOUT.edit.fields.result)] as EditResult;
  }

  [Symbol.dispose](): void {
    for (const link of this.#links.values()) closeSync(link);
    this.#links.clear();
    this.#object.close();
  }

  /** Runs an iterator once. What each read(2) gave, whole records, as words of memory of its own. */
  #read(program: string, size: number, mapFd: number | undefined): Uint32Array[] {
    const fd = startIterator(this.#link(program, mapFd));
    const chunks: Uint32Array[] = [];
    let room = new Uint32Array(ROOM_BYTES / 4);
    let used = 0;
    try {
      for (;;) {
        if (room.length - used < CHUNK_BYTES / 4) [room, used] = [new Uint32Array(ROOM_BYTES / 4), 0];
        const length = readChunk(fd, room.subarray(used));
        if (length % size !== 0) throw new Error(`${program} returned ${length} bytes, not a multiple of ${size}`);
        if (length === 0) return chunks;
        chunks.push(room.subarray(used, used + length / 4));
        used += length / 4;
      }
    } finally {
      closeSync(fd);
    }
  }

  #link(program: string, mapFd: number | undefined): number {
    const known = this.#links.get(program);
    if (known !== undefined) return known;
    const link = createIteratorLink(this.#object.programFd(program), mapFd);
    this.#links.set(program, link);
    return link;
  }
}

/** One read(2) of an iterator; the number of bytes, 0 at its end. */
export function readChunk(fd: number, chunk: Uint32Array): number {
  for (;;) {
    try {
      return readSync(fd, chunk);
    } catch (error) {
      // The kernel pauses after a million elements without output.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
