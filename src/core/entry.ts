/** An entry of INTERCEPT_MAP, decoded. */
import { inspect } from 'node:util';
import { type Counters, LAYOUT, type Passes, readCounters, readU64 } from './layout.ts';
import { formatIpv4, SockKey } from './sock-key.ts';

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
const { fields } = LAYOUT.entry_record;

/** Words of a record; records lie one after the other. */
export const ENTRY_WORDS = LAYOUT.entry_record.size / WORD;

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
 * socket sent; `queuedBytes` is what was redirected to it and is not read yet. Text forms are made
 * when they are asked for: a listing of 64 000 is cheap, and a view shows fifty.
 */
export class Entry implements EntryJson {
  readonly #sip: number;
  readonly #dip: number;
  readonly sport: number;
  readonly dport: number;
  /** The socket's cookie: the same as long as the socket lives, never used again. */
  readonly cookie: string;
  readonly #state: number;
  /** Whether the reverse key has an entry. */
  readonly peer: boolean;
  readonly #sent: Counters;
  readonly queuedBytes: number;
  readonly ageMs: number;
  process: Owner | null = null;

  /** Decodes the record that begins at word `at`. */
  constructor(words: Uint32Array, at: number) {
    this.#sip = words[at] as number;
    this.#dip = words[at + 1] as number;
    this.sport = words[at + 2] as number;
    this.dport = words[at + 3] as number;
    this.cookie = String(readU64(words, at + fields.cookie / WORD));
    this.ageMs = Math.floor(readU64(words, at + fields.age_ns / WORD) / 1e6);
    this.#sent = readCounters(words, at + fields.sent / WORD);
    this.queuedBytes = words[at + fields.queued_bytes / WORD] as number;
    const flags = words[at + fields.state / WORD] as number;
    this.#state = flags & 255;
    this.peer = ((flags >> 8) & 255) !== 0;
  }

  get sip(): string {
    return formatIpv4(this.#sip);
  }

  get dip(): string {
    return formatIpv4(this.#dip);
  }

  get key(): string {
    return `${this.sip}:${this.sport}->${this.dip}:${this.dport}`;
  }

  get keyHex(): string {
    return SockKey.from({ sip: this.#sip, dip: this.#dip, sport: this.sport, dport: this.dport }).hex;
  }

  get state(): string {
    return TCP_STATES[this.#state] ?? 'UNKNOWN';
  }

  get redirects(): number {
    return this.#sent.redirects;
  }

  get redirectBytes(): number {
    return this.#sent.redirectBytes;
  }

  get passes(): Passes {
    return this.#sent.passes;
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
}
