/**
 * A reader's place among those that read the events of a splice: a directory, whose lock says that the
 * reader lives, and a ring buffer of its own, into which the programs write.
 */
import { join } from 'node:path';
import { sweep } from './adopter.ts';
import { DirectoryLock } from './directory-lock.ts';
import { SpliceError } from './errors.ts';
import { Iterators } from './iterators.ts';
import { LAYOUT } from './layout.ts';
import { BPF_ANY, deleteElement, lookupElement, updateElement } from './map-elements.ts';
import { codeOf, notLoaded, PIN, READER_DIRECTORIES, translate } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import { RingBuffer } from './ring-buffer.ts';
import type { SockKey } from './sock-key.ts';
import { Tracer } from './tracer.ts';

/** Room for 13 000 events: as many connections may come and go in the seconds between two reads. */
const RING_BYTES = 1 << 20;

/** How often to look for adopted sockets that were closed, as long as there are adopted ones. */
const SWEEP_EVERY_MS = 2000;

/** Where `is_adopted` is. */
const ADOPTED_WORD = Math.floor(LAYOUT.event.fields.is_adopted / 4);
const ADOPTED_SHIFT = 8 * (LAYOUT.event.fields.is_adopted % 4);

/** One place, taken, in a splice that may go before it is given back. */
export class EventPlace implements Disposable {
  readonly #pinned: PinnedMaps;
  readonly #reader: number;
  readonly #lock: DirectoryLock;
  readonly #ring: RingBuffer;
  #tracer: Tracer | undefined;
  #sweeper: Iterators | undefined;
  #sweptAtMs = performance.now();
  /** Whether there may be adopted sockets. */
  #mustSweep = true;
  #lostBefore: number;

  /**
   * Takes a free place, or that of a reader that was killed.
   * @param pinned is the place's from now on: open until it is disposed
   * @throws SpliceError TOO_MANY_READERS
   */
  static take(pinned: PinnedMaps): EventPlace {
    for (const reader of READER_DIRECTORIES.keys()) {
      const lock = takeLock(pinned, reader);
      if (lock === null) continue;
      try {
        clear(pinned, reader);
        return new EventPlace(pinned, reader, lock);
      } catch (error) {
        lock[Symbol.dispose]();
        throw error;
      }
    }
    throw new SpliceError(
      'TOO_MANY_READERS',
      `${READER_DIRECTORIES.length} programs read the events of this splice already`,
      'again when one of them has ended',
    );
  }

  private constructor(pinned: PinnedMaps, reader: number, lock: DirectoryLock) {
    this.#pinned = pinned;
    this.#reader = reader;
    this.#lock = lock;
    this.#lostBefore = readLost(pinned, reader);
    this.#ring = new RingBuffer('event_ring', RING_BYTES, LAYOUT.event.size);
    updateElement(pinned.fd(PIN.eventReaders), wordOf(reader), wordOf(this.#ring.fd), BPF_ANY);
  }

  /** Whether the splice is still there; another one may stand in its place. */
  isThere(): boolean {
    return this.#lock.isThere();
  }

  /** The `struct event`s that came since the last read, as words that hold until the next one. */
  read(): Uint32Array {
    if (this.#mustSweep && performance.now() - this.#sweptAtMs >= SWEEP_EVERY_MS && this.isThere()) this.#sweep();
    const words = this.#ring.read();
    this.#mustSweep ||= tellsOfAdoption(words);
    return words;
  }

  /** How many events found no room since the last call. */
  takeLost(): number {
    const lost = readLost(this.#pinned, this.#reader);
    const since = lost - this.#lostBefore;
    this.#lostBefore = lost;
    return since;
  }

  /**
   * Begins or ends the events of each message of an entry and its peer, for this reader alone.
   * @returns false when there is no such entry
   */
  trace(key: SockKey, on: boolean): boolean {
    const record = Buffer.alloc(LAYOUT.endpoint_record.size);
    if (!lookupElement(this.#pinned.fd(key.family.endpoints), key.encode(), record)) return false;
    this.#tracer ??= new Tracer(this.#pinned, this.#reader);
    this.#tracer.trace(key, on ? 'begin' : 'end');
    return true;
  }

  /** Gives the place back. */
  [Symbol.dispose](): void {
    this.#tracer?.endAll();
    this.#tracer?.[Symbol.dispose]();
    this.#sweeper?.[Symbol.dispose]();
    deleteElement(this.#pinned.fd(PIN.eventReaders), wordOf(this.#reader));
    this.#ring[Symbol.dispose]();
    this.#lock[Symbol.dispose]();
    this.#pinned[Symbol.dispose]();
  }

  /** The end of an adopted socket is told only by somebody who looks. */
  #sweep(): void {
    this.#sweeper ??= new Iterators('adopt', this.#pinned);
    this.#mustSweep = sweep(this.#sweeper) > 0;
    this.#sweptAtMs = performance.now();
  }
}

function tellsOfAdoption(words: Uint32Array): boolean {
  for (let word = ADOPTED_WORD; word < words.length; word += LAYOUT.event.size / 4) {
    if (((words[word] as number) >>> ADOPTED_SHIFT) & 255) return true;
  }
  return false;
}

/** Clears the places of readers that were killed. */
export function clearDeadPlaces(pinned: PinnedMaps): void {
  if (!pinned.hasReaders) return;
  for (const reader of READER_DIRECTORIES.keys()) {
    if (!isTaken(pinned, reader)) continue;
    using lock = takeLock(pinned, reader);
    if (lock !== null) clear(pinned, reader);
  }
}

/** What a reader left that was killed. Its ring goes last: with it, the place is not yet clear. */
function clear(pinned: PinnedMaps, reader: number): void {
  if (!isTaken(pinned, reader)) return;
  using tracer = new Tracer(pinned, reader);
  tracer.endAll();
  deleteElement(pinned.fd(PIN.eventReaders), wordOf(reader));
}

function isTaken(pinned: PinnedMaps, reader: number): boolean {
  return lookupElement(pinned.fd(PIN.eventReaders), wordOf(reader), Buffer.alloc(4));
}

function takeLock({ directory }: PinnedMaps, reader: number): DirectoryLock | null {
  try {
    return DirectoryLock.take(join(directory, READER_DIRECTORIES[reader] as string));
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? notLoaded(directory) : translate(error, directory);
  }
}

function readLost(pinned: PinnedMaps, reader: number): number {
  const value = Buffer.alloc(8);
  lookupElement(pinned.fd(PIN.lostEvents), wordOf(reader), value);
  return Number(value.readBigUInt64LE());
}

function wordOf(number: number): Buffer {
  return Buffer.from(Uint32Array.of(number).buffer);
}
