/** An entry of INTERCEPT_MAP, decoded. */
import { inspect } from 'node:util';
import { formatDecimal } from './decimal.ts';
import { knownEnd } from './end-texts.ts';
import { LateOwners } from './late-owners.ts';
import { LAYOUT, type Passes, readPasses, readU64, readVerdict, type Verdict } from './layout.ts';
import type { Records } from './records.ts';

/** include/net/tcp_states.h, in its order. */
export const TCP_STATES = [
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
/** Both are bytes of one word. */
const VERDICT_SHIFT = 8 * (fields.verdict - fields.state);

/** A process that has the entry's socket open. `comm` is printable. */
export interface Owner {
  pid: number;
  comm: string;
}

/** An owner with what is not part of an entry's JSON. */
export interface OwnerDetail extends Owner {
  /**
   * The cgroup v2 that the socket was made in, mostly that of the process: a printable path from the
   * root of the hierarchy, null when it was removed.
   */
  cgroup?: string | null;
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
  #owner: OwnerDetail | null | LateOwners = null;
  readonly #records: Records;
  readonly #at: number;

  /** The entry whose record begins at word `at`. */
  constructor(records: Records, at: number) {
    this.#records = records;
    this.#at = at;
  }

  get key(): string {
    return `${knownEnd(this.sip, this.sport)}->${knownEnd(this.dip, this.dport)}`;
  }

  get sip(): string {
    const { words, family } = this.#records;
    return family.readAddress(words, this.#at + family.keyInRecord + family.key.sip);
  }

  get dip(): string {
    const { words, family } = this.#records;
    return family.readAddress(words, this.#at + family.keyInRecord + family.key.dip);
  }

  get sport(): number {
    const { words, family } = this.#records;
    return words[this.#at + family.keyInRecord + family.key.sport] as number;
  }

  get dport(): number {
    const { words, family } = this.#records;
    return words[this.#at + family.keyInRecord + family.key.dport] as number;
  }

  get keyHex(): string {
    return this.#records.keyHex(this.#at);
  }

  /** The socket's cookie: the same as long as the socket lives, never used again. */
  get cookie(): string {
    return formatDecimal(this.#u64(fields.cookie));
  }

  get state(): string {
    return TCP_STATES[this.#word(fields.state) & 255] ?? 'UNKNOWN';
  }

  /** Whether the reverse key has an entry. */
  get peer(): boolean {
    return this.#records.hasPeerOf(this.#at);
  }

  get redirects(): number {
    return this.#u64(fields.sent + sent.redirects);
  }

  get redirectBytes(): number {
    return this.#u64(fields.sent + sent.redirect_bytes);
  }

  get passes(): Passes {
    return readPasses(this.#records.words, this.#at + (fields.sent + sent.passes) / WORD);
  }

  get queuedBytes(): number {
    return this.#word(fields.queued_bytes);
  }

  /** Whether it can be removed without loss: nothing waits in its queue, and nobody waits to bring a message. */
  get isDrained(): boolean {
    return this.queuedBytes === 0 && ((this.#word(fields.state) >>> 16) & 255) === 0;
  }

  get ageMs(): number {
    return Math.floor(this.#u64(fields.age_ns) / 1e6);
  }

  /** A process that has its socket open; null when that is not known. It is looked up when it is first asked for. */
  get process(): OwnerDetail | null {
    if (this.#owner instanceof LateOwners) this.#owner = this.#owner.of(this.cookie);
    return this.#owner;
  }

  set process(owner: OwnerDetail | null | LateOwners) {
    this.#owner = owner;
  }

  /** The cgroup of its owner; null when it is not known. */
  get cgroup(): string | null {
    return this.process?.cgroup ?? null;
  }

  /**
   * What became of the last message that its socket sent; null when it sent none. Always null in a
   * naive splice, which does not note it.
   */
  get verdict(): Verdict | null {
    return readVerdict((this.#word(fields.state) >>> VERDICT_SHIFT) & 255);
  }

  /** How long its messages have had this verdict, in milliseconds; null when there was none. */
  get verdictMs(): number | null {
    return this.verdict === null ? null : Math.floor(this.#u64(fields.verdict_age_ns) / 1e6);
  }

  /** The entry as the contract's JSON has it. */
  toJSON(): EntryJson {
    const { key, sip, dip, sport, dport, keyHex, cookie, state, peer } = this;
    const { redirects, redirectBytes, passes, queuedBytes, ageMs } = this;
    const process = this.process && { pid: this.process.pid, comm: this.process.comm };
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

  /**
   * What clones plain objects property by property, as test runners do before they show a difference, takes an entry
   * as it is: a copy would lack what its getters read.
   */
  get [Symbol.toStringTag](): string {
    return 'Entry';
  }

  /** The word at a byte offset of the record. */
  #word(offset: number): number {
    return this.#records.words[this.#at + offset / WORD] as number;
  }

  #u64(offset: number): number {
    return readU64(this.#records.words, this.#at + offset / WORD);
  }
}
