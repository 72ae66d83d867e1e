/** The maps of a splice, opened at its pins: settings, totals, and the raw descriptors. */
import { closeSync } from 'node:fs';
import { notPermitted } from './errors.ts';
import { KernelError } from './kernel-error.ts';
import {
  type Counters,
  KEPT_OUT_REASONS,
  type KeptOut,
  type KeptOutReason,
  LAYOUT,
  LAYOUT_VERSION,
  MODES,
  type Mode,
  NONE_KEPT_OUT,
  PASS_REASONS,
  type Passes,
  readCounters,
  readKeptOut,
  TRAFFIC,
  type Traffic,
} from './layout.ts';
import { objectInfo, openPinned, possibleCpus } from './libbpf.ts';
import { BPF_ANY, lookupElement, updateElement } from './map-elements.ts';
import type { OwnDirectory } from './own-directory.ts';
import { MAP_PINS, notLoaded, occupied, openPins, PIN, pinsIn, READER_DIRECTORIES } from './pin-directory.ts';

/** What `struct settings` says. */
export interface Settings {
  mode: Mode;
  traffic: Traffic;
  /** Bytes that may wait for a reader that did not set SO_RCVBUF. */
  queueLimit: number;
}

/** INTERCEPT_MAP as the kernel describes it. */
export interface MapInfo {
  id: number;
  name: string;
  maxEntries: number;
}

const ONLY = Buffer.alloc(4);
const COOKIE_BYTES = 8;

/** include/uapi/linux/bpf.h: type, and the sizes of key and value; what is not just so is not ours. */
const SHAPES: Record<string, readonly [type: number, key: number, value: number]> = {
  [PIN.settings]: [2, 4, LAYOUT.settings.size],
  [PIN.totals]: [6, 4, LAYOUT.counters.size],
  [PIN.endpoints]: [1, LAYOUT.SockKey.size, LAYOUT.endpoint_record.size],
  [PIN.map]: [18, LAYOUT.SockKey.size, COOKIE_BYTES],
  [PIN.endpoints6]: [1, LAYOUT.SockKey6.size, LAYOUT.endpoint_record.size],
  [PIN.map6]: [18, LAYOUT.SockKey6.size, COOKIE_BYTES],
  [PIN.turnarounds]: [6, 4, LAYOUT.turnaround.size],
  [PIN.eventReaders]: [12, 4, 4],
  [PIN.lostEvents]: [2, 4, 8],
  [PIN.registrations]: [24, 4, LAYOUT.registration.size],
  [PIN.keptOut]: [6, 4, LAYOUT.kept_out_counts.size],
};

/** The pinned maps of one splice, open until disposed. */
export class PinnedMaps implements Disposable {
  readonly directory: string;
  readonly names: readonly string[];
  readonly #opened: OwnDirectory;
  readonly #open = new Map<string, number>();

  /**
   * @throws SpliceError NOT_LOADED when nothing is pinned there, PIN_OCCUPIED when it is not ours,
   * NOT_PERMITTED
   */
  constructor(directory: string) {
    this.directory = directory;
    const opened = openPins(directory);
    if (opened === null) throw notLoaded(directory);
    this.#opened = opened;
    try {
      this.names = pinsIn(opened, directory);
      if (this.names.length === 0) throw notLoaded(directory);
      for (const name of MAP_PINS) if (this.names.includes(name)) this.fd(name);
      this.#checkVersion();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** A path to what is pinned under a name. */
  path(name: string): string {
    return this.#opened.at(name);
  }

  /** Whether every map is there; not so after an `up` or a `down` that was cut short. */
  get whole(): boolean {
    return MAP_PINS.every((name) => this.names.includes(name));
  }

  /** Whether it has places for readers of events: guarded has, once it is whole. */
  get hasReaders(): boolean {
    return (
      this.whole && [PIN.eventReaders, PIN.lostEvents, ...READER_DIRECTORIES].every((name) => this.names.includes(name))
    );
  }

  /**
   * The descriptor of a pinned map, which is looked at when it is opened.
   * @throws SpliceError NOT_LOADED, PIN_OCCUPIED, NOT_PERMITTED
   */
  fd(name: string): number {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const fd = this.#openPin(name);
    this.#open.set(name, fd);
    this.#check(name, fd);
    return fd;
  }

  settings(): Settings {
    const words = this.#settingsWords();
    const { mode, traffic, queue_limit } = LAYOUT.settings.fields;
    return {
      mode: MODES[words[mode / 4] as number] as Mode,
      traffic: TRAFFIC[words[traffic / 4] as number] as Traffic,
      queueLimit: words[queue_limit / 4] as number,
    };
  }

  /** Flips the switch. The caller holds the directory's lock. */
  setTraffic(traffic: Traffic): void {
    writeSettings(this.fd(PIN.settings), { ...this.settings(), traffic });
  }

  /** What all sockets sent, those that are gone included. */
  totals(): Counters {
    const slots = this.#ofEachCpu(PIN.totals, LAYOUT.counters.size, readCounters);
    const sum = (of: (counters: Counters) => number) => slots.reduce((total, counters) => total + of(counters), 0);
    return {
      redirects: sum(({ redirects }) => redirects),
      redirectBytes: sum(({ redirectBytes }) => redirectBytes),
      passes: Object.fromEntries(PASS_REASONS.map((reason) => [reason, sum(({ passes }) => passes[reason])])) as Passes,
    };
  }

  /** Ends of connections that got no entry; none are counted by naive. */
  keptOut(): KeptOut {
    if (!this.names.includes(PIN.keptOut)) return NONE_KEPT_OUT;
    const slots = this.#ofEachCpu(PIN.keptOut, LAYOUT.kept_out_counts.size, readKeptOut);
    const sum = (reason: KeptOutReason) => slots.reduce((total, slot) => total + slot[reason], 0);
    return Object.fromEntries(KEPT_OUT_REASONS.map((reason) => [reason, sum(reason)])) as KeptOut;
  }

  mapInfo(): MapInfo {
    const info = objectInfo(this.fd(PIN.map));
    // struct bpf_map_info: type, id, key_size, value_size, max_entries, map_flags, name
    return { id: info.getUint32(4, true), name: PIN.map, maxEntries: info.getUint32(16, true) };
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
    this.#opened[Symbol.dispose]();
  }

  /** The only value of a per-CPU array, decoded for each CPU. */
  #ofEachCpu<T>(name: string, size: number, decode: (words: Uint32Array, index: number) => T): T[] {
    const words = new Uint32Array((possibleCpus() * size) / 4);
    lookupElement(this.fd(name), ONLY, bytesOf(words));
    return Array.from({ length: possibleCpus() }, (_, cpu) => decode(words, (cpu * size) / 4));
  }

  #settingsWords(): Uint32Array {
    const words = new Uint32Array(LAYOUT.settings.size / 4);
    lookupElement(this.fd(PIN.settings), ONLY, bytesOf(words));
    return words;
  }

  #openPin(name: string): number {
    try {
      return openPinned(this.path(name));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (error.errnoName === 'ENOENT') throw notLoaded(this.directory);
      if (error.errnoName !== 'EACCES' && error.errnoName !== 'EPERM') throw error;
      throw notPermitted(`this user may not open ${name}`, { cause: error });
    }
  }

  /** Another program may have pinned something under one of our names. */
  #check(name: string, fd: number): void {
    const info = objectInfo(fd);
    const found = [info.getUint32(0, true), info.getUint32(8, true), info.getUint32(12, true)];
    if (SHAPES[name]?.some((wanted, index) => found[index] !== wanted)) {
      throw occupied(this.directory, `'${name}' in it was pinned by another program, or another version of this one`);
    }
  }

  #checkVersion(): void {
    const version = this.#settingsWords()[LAYOUT.settings.fields.layout / 4];
    if (version === LAYOUT_VERSION) return;
    throw occupied(this.directory, `its splice was loaded by another version of this program (layout ${version})`);
  }
}

/** Writes `struct settings`. */
export function writeSettings(fd: number, { mode, traffic, queueLimit }: Settings): void {
  const words = Uint32Array.of(LAYOUT_VERSION, MODES.indexOf(mode), TRAFFIC.indexOf(traffic), queueLimit);
  updateElement(fd, ONLY, bytesOf(words), BPF_ANY);
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer);
}
