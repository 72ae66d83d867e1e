/**
 * The structures of bpf/sock_key.h, bpf/endpoint.h and bpf/policy.h as TypeScript reads and writes them: sizes
 * and offsets in bytes, all little-endian (x86-64, arm64, riscv64). test/core/layout.test.ts holds
 * them against the BTF of the compiled object.
 */
export const LAYOUT = {
  SockKey: { size: 16, fields: { sip: 0, dip: 4, sport: 8, dport: 12 } },
  SockKey6: { size: 40, fields: { sip: 0, dip: 16, sport: 32, dport: 36 } },
  counters: { size: 56, fields: { redirects: 0, redirect_bytes: 8, passes: 16 } },
  endpoint: {
    size: 224,
    fields: {
      sock: 0,
      cookie: 8,
      turns: 16,
      answered: 20,
      first_sent: 24,
      first_received: 28,
      handover_seq: 32,
      flags: 36,
      redirect_seq: 40,
      verdict: 44,
      told: 45,
      leave_reason: 46,
      unseen: 47,
      sent_ns: 48,
      registered_ns: 56,
      sent: 64,
      read: 120,
      next: 136,
      verdict_ns: 152,
      told_ns: 160,
      turn: 168,
      turn_ns: 184,
      left_ns: 192,
      left_cookie: 200,
      fallbacks: 208,
      sender: 216,
    },
  },
  turnaround: { size: 192, fields: { counts: 0 } },
  endpoint_record: { size: 416, fields: { end: 0, times: 224 } },
  settings: { size: 16, fields: { layout: 0, mode: 4, traffic: 8, queue_limit: 12 } },
  entry_facts: {
    size: 88,
    fields: {
      cookie: 0,
      age_ns: 8,
      sent: 16,
      queued_bytes: 72,
      state: 76,
      verdict: 77,
      is_awaited: 78,
      verdict_age_ns: 80,
    },
  },
  entry_record: { size: 104, fields: { facts: 0, key: 88 } },
  entry_record6: { size: 128, fields: { facts: 0, key: 88 } },
  /** Ends with the key, of either family. */
  event: {
    size: 72,
    fields: { at_ns: 0, cookie: 8, turnaround_ns: 16, about: 24, type: 28, verdict: 29, is_ipv6: 30, is_adopted: 31 },
  },
  /** Begins with the key, of either family. */
  trace: { size: 48, fields: { action: 40, reader: 44 } },
  owner_record: { size: 40, fields: { cookie: 0, cgroup_id: 8, pid: 16, comm: 24 } },
  registration: { size: 64, fields: { sock: 40, cookie: 48, is_ipv6: 56, asked: 60 } },
  kept_out_counts: { size: 64, fields: { ends: 0 } },
  rule: { size: 24, fields: { kind: 0, port: 4, comm: 8 } },
  /** Begins with the key, of either family. */
  drain: { size: 48, fields: { action: 40, count: 44 } },
  /** The key, of either family, follows `is_ipv6`. */
  candidate_record: {
    size: 88,
    fields: {
      cookie: 0,
      cgroup_id: 8,
      pid: 16,
      fd: 20,
      first_sent: 24,
      first_received: 28,
      is_ipv6: 32,
      is_edge_triggered: 76,
      is_established: 80,
      wants_tcp: 84,
      is_taken: 86,
    },
  },
  adoption_record: { size: 16, fields: { cookie: 0, result: 8 } },
} as const;

/** Which layout the pinned maps have: a mark of ours, and a number that goes up with every change above. */
export const LAYOUT_VERSION = 0x5350_000e;

/** Of `enum endpoint_flags`: the key of a socket that is about to be put into the sockhash. */
export const ENDPOINT_RESERVED = 1 << 5;

/** How many can read events at once. */
export const EVENT_READERS = 8;

/** The enumerations of bpf/endpoint.h and bpf/policy.h, in their order. */
export const PASS_REASONS = ['noPeer', 'order', 'backlog', 'pair', 'bypass'] as const;
export const MODES = ['guarded', 'naive'] as const;
export const TRAFFIC = ['redirect', 'bypass', 'drain'] as const;
export const RULE_KINDS = ['onlyPorts', 'port', 'comm', 'noSleepers'] as const;
export const RULE_EFFECTS = ['allow', 'exclude'] as const;
export const DRAIN_ACTIONS = ['begin', 'end', 'endAll', 'count'] as const;
export const EVENT_TYPES = [
  'opened',
  'firstRedirect',
  'fellBack',
  'backToRedirect',
  'closed',
  'message',
  'left',
  'keptOut',
] as const;
export const TRACE_ACTIONS = ['begin', 'end', 'endAll'] as const;
/** From 1 on: 0 is none. */
export const LEAVE_REASONS = ['fallbacks', 'smallMessages', 'edgeTriggered', 'options', 'sleepers'] as const;
/** From 1 on: 0 is none. */
export const KEPT_OUT_REASONS = ['policy', 'full', 'keyTaken', 'otherSockmap', 'crowd', 'options', 'reused'] as const;
export const ADOPTION_RESULTS = ['done', 'otherKey', 'keyTaken', 'notAPair', 'crowd', 'options'] as const;

/** Why a message went by TCP although its socket has an entry; bpf/endpoint.h says what each means. */
export type PassReason = (typeof PASS_REASONS)[number];
/** Why a connection left the map by itself; bpf/endpoint.h says what each means. */
export type LeaveReason = (typeof LEAVE_REASONS)[number];
/** Why an end of a new connection got no entry; bpf/endpoint.h says what each means. */
export type KeptOutReason = (typeof KEPT_OUT_REASONS)[number];
/** Which pair of programs is loaded. */
export type Mode = (typeof MODES)[number];
/** What the loaded programs do with messages; `drain` is a `down` under way, or one cut short. */
export type Traffic = (typeof TRAFFIC)[number];
/** How many messages passed, by reason. */
export type Passes = Record<PassReason, number>;

/** How many ends of new connections got no entry, by reason. */
export type KeptOut = Record<KeptOutReason, number>;

/** What became of a message: it was redirected, or it passed, for a reason. */
export type Verdict = 'redirect' | PassReason;

/** `enum verdict`: null when nothing was sent yet. */
const VERDICTS: readonly (Verdict | null)[] = [null, 'redirect', ...PASS_REASONS];

/** Decodes an `enum verdict`. */
export function readVerdict(number: number): Verdict | null {
  return VERDICTS[number] ?? null;
}

/** Counters of what was sent: by one socket, or by all. */
export interface Counters {
  redirects: number;
  redirectBytes: number;
  passes: Passes;
}

/** A 64-bit number at word `index`, exact up to 2^53. */
export function readU64(words: Uint32Array, index: number): number {
  const high = words[index + 1] as number;
  // Almost always 0; a product with 2^32 would be a number that V8 allocates memory for.
  return high === 0 ? (words[index] as number) : (words[index] as number) + high * 0x1_0000_0000;
}

/** The same in full: an identity may need more than the 53 bits of a number. */
export function readBigU64(words: Uint32Array, index: number): bigint {
  return (BigInt(words[index + 1] as number) << 32n) | BigInt(words[index] as number);
}

/** Decodes a `struct kept_out_counts` that begins at word `index`. */
export function readKeptOut(words: Uint32Array, index: number): KeptOut {
  const counts = KEPT_OUT_REASONS.map((reason, at) => [reason, readU64(words, index + 2 * (at + 1))]);
  return Object.fromEntries(counts) as KeptOut;
}

/** None was: by a naive splice, or before anybody counted. */
export const NONE_KEPT_OUT: KeptOut = Object.freeze(readKeptOut(new Uint32Array(LAYOUT.kept_out_counts.size / 4), 0));

/** Decodes a `struct counters` that begins at word `index`. */
export function readCounters(words: Uint32Array, index: number): Counters {
  return {
    redirects: readU64(words, index),
    redirectBytes: readU64(words, index + 2),
    passes: readPasses(words, index + 4),
  };
}

/** What most sockets have: one object for all of them, and nobody may change it. */
const NO_PASSES: Passes = Object.freeze({ noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 });

/** Decodes the `passes` of a `struct counters`, which begin at word `index`; to be read only. */
export function readPasses(words: Uint32Array, index: number): Passes {
  let any = 0;
  for (let word = index; word < index + 2 * PASS_REASONS.length; word++) any |= words[word] as number;
  if (any === 0) return NO_PASSES;
  return {
    noPeer: readU64(words, index),
    order: readU64(words, index + 2),
    backlog: readU64(words, index + 4),
    pair: readU64(words, index + 6),
    bypass: readU64(words, index + 8),
  };
}
