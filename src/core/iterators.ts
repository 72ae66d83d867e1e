/**
 * A BPF object whose programs are iterators, loaded beside a splice: the kernel runs them while
 * their output is read like a file.
 */
import { closeSync, readSync } from 'node:fs';
import { FAMILIES } from './family.ts';
import { createIteratorLink, type LoadedObject, objectInfo, startIterator } from './libbpf.ts';
import { crowded } from './listing.ts';
import { loadOurObject } from './objects.ts';
import { PIN } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';

/** A read(2) of an iterator fills at most eight pages (kernel/bpf/bpf_iter.c, bpf_seq_read). */
const CHUNK_BYTES = 1 << 15;
/**
 * A pass over a map has each of its elements once, and some again: a read begins with those of the bucket that
 * the one before ended in.
 */
const MOST_REPEATED = 1 << 14;
const MOST_PASSES = 2;
/** Memory is taken in larger pieces: one for each read would cost more than the reading. */
const ROOM_BYTES = 1 << 20;

export class Iterators implements Disposable {
  readonly #object: LoadedObject;
  readonly #links = new Map<string, number>();

  /** Loads the object with the maps of the splice in place of its own. */
  constructor(name: 'inspect' | 'adopt' | 'trace', pinned: PinnedMaps) {
    const maps: string[] = [...FAMILIES.flatMap(({ map, endpoints }) => [map, endpoints]), PIN.totals, PIN.settings];
    if (name === 'adopt' && pinned.hasReaders) maps.push(PIN.eventReaders, PIN.lostEvents, PIN.registrations);
    this.#object = loadOurObject(name, Object.fromEntries(maps.map((map) => [map, { fd: pinned.fd(map) }])));
  }

  /** The descriptor of one of the object's maps. */
  mapFd(name: string): number {
    return this.#object.mapFd(name);
  }

  /**
   * Runs a program once over a map, or over all open files.
   * @param size bytes of one record of its output
   * @returns what each read(2) gives, whole records, as words of memory of its own
   * @throws SpliceError MAP_CROWDED when the kernel gives more than a map can have
   */
  *chunks(program: string, size: number, map?: string): Generator<Uint32Array, void> {
    const fd = startIterator(this.#link(program, map));
    let room = new Uint32Array(ROOM_BYTES / 4);
    let used = 0;
    let left = map === undefined ? Number.POSITIVE_INFINITY : size * this.#mostRecords(map);
    try {
      for (;;) {
        if (room.length - used < CHUNK_BYTES / 4) [room, used] = [new Uint32Array(ROOM_BYTES / 4), 0];
        const length = readChunk(fd, room.subarray(used));
        if (length % size !== 0) throw new Error(`${program} returned ${length} bytes, not a multiple of ${size}`);
        if (length === 0) return;
        left -= length;
        if (left < 0) throw crowded(map ?? program);
        const chunk = room.subarray(used, used + length / 4);
        used += length / 4;
        yield chunk;
      }
    } finally {
      closeSync(fd);
    }
  }

  /** The same at once. */
  read(program: string, size: number, map?: string): Uint32Array[] {
    return [...this.chunks(program, size, map)];
  }

  /** The same, record by record. */
  *records(program: string, size: number, map?: string): Generator<Uint32Array, void> {
    for (const words of this.chunks(program, size, map)) yield* recordsOf(words, size);
  }

  [Symbol.dispose](): void {
    for (const link of this.#links.values()) closeSync(link);
    this.#links.clear();
    this.#object.close();
  }

  #mostRecords(map: string): number {
    // struct bpf_map_info: type, id, key_size, value_size, max_entries
    const maxEntries = objectInfo(this.#object.mapFd(map)).getUint32(16, true);
    return MOST_PASSES * maxEntries + MOST_REPEATED;
  }

  #link(program: string, map: string | undefined): number {
    const known = this.#links.get(program);
    if (known !== undefined) return known;
    const mapFd = map === undefined ? undefined : this.#object.mapFd(map);
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

/** The records of a chunk, one by one. */
export function* recordsOf(words: Uint32Array, size: number): Generator<Uint32Array, void> {
  for (let at = 0; at < words.length; at += size / 4) yield words.subarray(at, at + size / 4);
}
