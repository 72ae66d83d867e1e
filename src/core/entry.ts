/** An entry of INTERCEPT_MAP, decoded. */
import { inspect } from 'node:util';
import type { Family } from './family.ts';
import { LAYOUT, type Passes, readPasses, readU64 } from './layout.ts';
import type { Listing } from './listing.ts';
import { memo } from './memo.ts';
import { formatEnd } from './sock-key.ts';

/** include/net/tcp_states.h */
const TCP_STATES = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

const WORD = 4;
const { fields } = LAYOUT.entry_facts;
const sent = LAYOUT.counters.fields;

/** A process that has the entry's socket open. `comm` is printable. */
export interface Owner {
  pid: number;
  comm: string;
}

/** The contract's JSON of one entry. */
export interface EntryJson {
  key: string;
  sip: string;
  dip: string;
  sport: number;
  dport: number;
  keyHex: string;
  cookie: string;
  state: string;
  peer: boolean;
  redirects: number;
  redirectBytes: number;
  passes: Passes;
  queuedBytes: number;
  ageMs: number;
  process: Owner | null;
}

/**
 * One entry as it was when it was listed. `redirects`, `redirectBytes` and `passes` count what its
 * socket sent; `queuedBytes` is what was redirected to it and is not read yet. A field is decoded
 * when it is asked for: a listing has 64 000 entries, and a view shows fifty.
 */
export class Entry implements EntryJson {
  process: Owner | null = null;
  readonly #words: Uint32Array;
  readonly #at: number;
  readonly #family: Family;
  readonly #listing: Listing;

  /** The entry whose record begins at word `at`; the words must not change any more. */
  constructor(words: Uint32Array, at: number, family: Family, listing: Listing) {
    this.#words = words;
    this.#at = at;
    this.#family = family;
    this.#listing = listing;
  }

  get key(): string {
    return `${formatEnd(this.sip, this.sport)}->${formatEnd(this.dip, this.dport)}`;
  }

  get sip(): string {
    return this.#family.readAddress(this.#words, this.#keyAt + this.#family.key.sip);
  }

  get dip(): string {
    return this.#family.readAddress(this.#words, this.#keyAt + this.#family.key.dip);
  }

  get sport(): number {
    return this.#words[this.#keyAt + this.#family.key.sport] as number;
  }

  get dport(): number {
    return this.#words[this.#keyAt + this.#family.key.dport] as number;
  }

  get keyHex(): string {
    let hex = '';
    for (let word = 0; word < this.#family.keyWords; word++) {
      hex += hexInMapOrder(this.#words[this.#keyAt + word] as number);
    }
    return hex;
  }

  /** The socket's cookie: the same as long as the socket lives, never used again. */
  get cookie(): string {
    return String(this.#u64(fields.cookie));
  }

  get state(): string {
    return TCP_STATES[this.#word(fields.state) & 255] ?? 'UNKNOWN';
  }

  /** Whether the reverse key has an entry. */
  get peer(): boolean {
    return this.#listing.hasPeerOf(this);
  }

  get redirects(): number {
    return this.#u64(fields.sent + sent.redirects);
  }

  get redirectBytes(): number {
    return this.#u64(fields.sent + sent.redirect_bytes);
  }

  get passes(): Passes {
    return readPasses(this.#words, this.#at + (fields.sent + sent.passes) / WORD);
  }

  get queuedBytes(): number {
    return this.#word(fields.queued_bytes);
  }

  get ageMs(): number {
    return Math.floor(this.#u64(fields.age_ns) / 1e6);
  }

  /** Whether both entries have one key; cheaper than comparing text. */
  hasKeyOf(other: Entry): boolean {
    if (this.#family !== other.#family) return false;
    for (let word = 0; word < this.#family.keyWords; word++) {
      if (this.#words[this.#keyAt + word] !== other.#words[other.#keyAt + word]) return false;
    }
    return true;
  }

  /** Whether this entry's key is the reverse of the other's. */
  isReverseOf(other: Entry): boolean {
    return this.sport === other.dport && this.dport === other.sport && this.sip === other.dip && this.dip === other.sip;
  }

  /** The entry as the contract's JSON has it. */
  toJSON(): EntryJson {
    const { key, sip, dip, sport, dport, keyHex, cookie, state, peer } = this;
    const { redirects, redirectBytes, passes, queuedBytes, ageMs, process } = this;
    return {
      key,
      sip,
      dip,
      sport,
      dport,
      keyHex,
      cookie,
      state,
      peer,
      redirects,
      redirectBytes,
      passes,
      queuedBytes,
      ageMs,
      process,
    };
  }

  [inspect.custom](): EntryJson {
    return this.toJSON();
  }

  get #keyAt(): number {
    return this.#at + this.#family.keyInRecord;
  }

  /** The word at a byte offset of the record. */
  #word(offset: number): number {
    return this.#words[this.#at + offset / WORD] as number;
  }

  #u64(offset: number): number {
    return readU64(this.#words, this.#at + offset / WORD);
  }
}

/** A word as the map has its bytes: little-endian, so the last two digits first. */
const hexInMapOrder = memo((word) => {
  const swapped = ((word & 255) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  return (swapped >>> 0).toString(16).padStart(8, '0');
});
