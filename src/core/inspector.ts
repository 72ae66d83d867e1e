/**
 * How a splice is read: bpf/inspect.bpf.c, loaded beside it. The kernel runs its iterators while
 * their output is read like a file.
 */
import { closeSync, readSync } from 'node:fs';
import { ENTRY_WORDS, Entry, type Owner } from './entry.ts';
import { EDIT_ACTIONS, EDIT_RESULTS, LAYOUT, readU64 } from './layout.ts';
import {
  BPF_ANY,
  createIteratorLink,
  type LoadedObject,
  lookupElement,
  startIterator,
  updateElement,
} from './libbpf.ts';
import { loadOurObject } from './objects.ts';
import { PIN } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import { printable } from './printable.ts';
import type { SockKey } from './sock-key.ts';

/** A read(2) of an iterator fills at most eight pages (kernel/bpf/bpf_iter.c, bpf_seq_read). */
const CHUNK_BYTES = 1 << 16;
/** Entries of one hash bucket at the most that are looked through for a repetition. */
const LONGEST_BUCKET = 32;
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
    const entries: Entry[] = [];
    this.#readRecords('list_entries', LAYOUT.entry_record.size, this.#mapFd, (chunk) => {
      const words = chunk.slice();
      const before = entries.length;
      for (let at = 0; at < words.length; at += ENTRY_WORDS) {
        const entry = new Entry(words, at);
        // A read that ends inside a bucket begins the next one at that bucket's first entry.
        if (at < LONGEST_BUCKET * ENTRY_WORDS && isRepeated(entry, entries, before)) continue;
        entries.push(entry);
      }
    });
    return entries;
  }

  /** Which process has the socket of an entry open, by socket cookie; the first that is found. */
  owners(): Map<string, Owner> {
    const owners = new Map<string, Owner>();
    const { size, fields } = LAYOUT.owner_record;
    this.#readRecords('find_owners', size, undefined, (words) => {
      const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
      for (let at = 0; at < bytes.length; at += size) {
        const cookie = String(readU64(words, (at + fields.cookie) / 4));
        if (owners.has(cookie)) continue;
        const comm = bytes.subarray(at + fields.comm, at + size).toString('utf8');
        owners.set(cookie, { pid: words[(at + fields.pid) / 4] as number, comm: printable(upToNul(comm)) });
      }
    });
    return owners;
  }

  /** Carries out one edit on the entry under a key. */
  edit(key: SockKey, action: (typeof EDIT_ACTIONS)[number]): EditResult {
    const request = Buffer.alloc(LAYOUT.edit.size);
    key.encode().copy(request);
    request.writeUInt32LE(EDIT_ACTIONS.indexOf(action), LAYOUT.edit.fields.action);
    const editsFd = this.#object.mapFd('edits');
    updateElement(editsFd, ONLY, request, BPF_ANY);
    this.#readRecords('edit_entry', 4, this.#mapFd, () => {});
    lookupElement(editsFd, ONLY, request);
    return EDIT_RESULTS[request.readUInt32LE(LAYOUT.edit.fields.result)] as EditResult;
  }

  [Symbol.dispose](): void {
    for (const link of this.#links.values()) closeSync(link);
    this.#links.clear();
    this.#object.close();
  }

  /** Runs an iterator once; `each` gets whole records, valid until it returns. */
  #readRecords(program: string, size: number, mapFd: number | undefined, each: (words: Uint32Array) => void): void {
    let link = this.#links.get(program);
    if (link === undefined) {
      link = createIteratorLink(this.#object.programFd(program), mapFd);
      this.#links.set(program, link);
    }
    const fd = startIterator(link);
    const chunk = new Uint32Array(CHUNK_BYTES / 4);
    try {
      for (let length = readChunk(fd, chunk); length > 0; length = readChunk(fd, chunk)) {
        if (length % size !== 0) throw new Error(`${program} returned ${length} bytes, not a multiple of ${size}`);
        each(chunk.subarray(0, length / 4));
      }
    } finally {
      closeSync(fd);
    }
  }
}

function readChunk(fd: number, chunk: Uint32Array): number {
  for (;;) {
    try {
      return readSync(fd, chunk);
    } catch (error) {
      // The kernel pauses after a million elements without output.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function isRepeated(entry: Entry, entries: readonly Entry[], end: number): boolean {
  for (let index = Math.max(0, end - LONGEST_BUCKET); index < end; index++) {
    if (entries[index]?.hasKeyOf(entry)) return true;
  }
  return false;
}

function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
