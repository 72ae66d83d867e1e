/** What happens to the entries of a splice, one by one, as the programs tell it: bpf/events.h. */
import { IPV4, IPV6 } from './family.ts';
import {
  EVENT_TYPES,
  KEPT_OUT_REASONS,
  type KeptOutReason,
  LAYOUT,
  LEAVE_REASONS,
  type LeaveReason,
  type PassReason,
  readU64,
  readVerdict,
} from './layout.ts';
import { type KeyInput, SockKey } from './sock-key.ts';

/** One thing that happened to an entry. */
export interface SpliceEvent {
  /**
   * - `opened`: a connection got its entry.
   * - `firstRedirect`, then `fellBack` to TCP for a reason, and `backToRedirect`: what its messages do;
   *   the last two at most ten times a second for an entry.
   * - `message`: one message of an entry that is traced.
   * - `left`: it is better off with TCP, and left the map by itself (bpf/leave.h).
   * - `keptOut`: an end of a new connection got no entry.
   * - `closed`: its socket was closed; or, with the reason `noPeer`, its peer turned out not to be here,
   *   and it left. Of an adopted socket it comes up to two seconds late, and not at all when another
   *   connection has its key by then. An entry that is deleted, or taken down, has none.
   */
  readonly type: (typeof EVENT_TYPES)[number];
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
  readonly key: string;
  readonly cookie: string;
  /** Why messages pass: of `fellBack`, `left` and a `message` that passed, and of `closed` as said above. */
  readonly reason: PassReason | null;
  /**
   * Of `left`: its messages fell back to TCP too often (`fallbacks`), it streams small ones, which TCP packs
   * together (`smallMessages`), a reader that epoll tells only once might overlook bytes (`edgeTriggered`), an end
   * has set a socket option that only TCP honours (`options`), or readers sleep in a call that would fail with
   * EAGAIN (`sleepers`).
   */
  readonly leaveReason: LeaveReason | null;
  /**
   * Of `keptOut`: the policy says so (`policy`), there is no room (`full`), a socket of another namespace has its
   * key (`keyTaken`), it is in another sockmap (`otherSockmap`), too many entries share its bucket (`crowd`), it has a
   * socket option that only TCP honours (`options`), or it had a connection before (`reused`).
   */
  readonly keptOutReason: KeptOutReason | null;
  /** Of a `message`. */
  readonly bytes: number | null;
  /** Of a `message` that answers one of its peer that was timed: how long after it, in microseconds. */
  readonly turnaroundUs: number | null;
}

/** What came since the last read. */
export interface EventBatch {
  readonly events: SpliceEvent[];
  /** How many there was no room for, because nobody read in time. */
  readonly lost: number;
}

/**
 * Reads what happens to the entries of a splice from the making of the reader on. Several at once all
 * get everything. While no splice is up there is nothing to read, and the reader goes on with the one
 * that comes, without the traces. A naive splice tells nothing.
 */
export interface EventReader extends Disposable {
  /** What came since the last read, in the order in which it happened; does not wait. */
  read(): EventBatch;
  /**
   * Begins or ends the `message` events of an entry and its peer, for this reader. They end by
   * themselves when the socket is closed, and with the reader.
   * @throws SpliceError BAD_KEY, NO_ENTRY, NOT_LOADED; BAD_MODE when the splice is naive
   */
  trace(key: KeyInput, on: boolean): void;
  /** Gives its place to another reader; what was not read is gone. */
  close(): void;
}

const WORD = 4;
const EVENT_WORDS = LAYOUT.event.size / WORD;
const at = LAYOUT.event.fields;
/** The key, of either family, ends the event. */
const KEY = EVENT_WORDS - LAYOUT.SockKey6.size / WORD;

/** Decodes one `struct event` after another. */
export function readEvents(words: Uint32Array): SpliceEvent[] {
  // The kernel's clock is CLOCK_MONOTONIC, and so is this one.
  const offsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  return Array.from({ length: words.length / EVENT_WORDS }, (_, index) =>
    readEvent(words.subarray(index * EVENT_WORDS, (index + 1) * EVENT_WORDS), offsetMs),
  );
}

function readEvent(words: Uint32Array, offsetMs: number): SpliceEvent {
  const byte = (offset: number) => ((words[Math.floor(offset / WORD)] as number) >>> (8 * (offset % WORD))) & 255;
  const type = EVENT_TYPES[byte(at.type)] as SpliceEvent['type'];
  const verdict = readVerdict(byte(at.verdict));
  const turnaroundNs = readU64(words, at.turnaround_ns / WORD);
  return {
    type,
    atMs: readU64(words, at.at_ns / WORD) / 1e6 + offsetMs,
    key: SockKey.decode(words, byte(at.is_ipv6) ? IPV6 : IPV4, KEY).toString(),
    cookie: String(readU64(words, at.cookie / WORD)),
    reason: verdict === 'redirect' ? null : verdict,
    leaveReason: type === 'left' ? (LEAVE_REASONS[(words[at.about / WORD] as number) - 1] ?? null) : null,
    keptOutReason: type === 'keptOut' ? (KEPT_OUT_REASONS[(words[at.about / WORD] as number) - 1] ?? null) : null,
    bytes: type === 'message' ? (words[at.about / WORD] as number) : null,
    turnaroundUs: turnaroundNs === 0 ? null : turnaroundNs / 1000,
  };
}
