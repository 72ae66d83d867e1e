/**
 * The structures of bpf/sock_key.h, bpf/endpoint.h and bpf/policy.h as TypeScript reads and writes them: sizes
 * and offsets in bytes, all little-endian (x86-64, arm64, riscv64). test/core/layout.test.ts holds
 * them against the BTF of the compiled object.
 */
export const LAYOUT = {
  SockKey: { size: 16, fields: { sip: 0, dip: 4, sport: 8, dport: 12 } },
  counters: { size: 56, fields: { redirects: 0, redirect_bytes: 8, passes: 16 } },
  settings: { size: 16, fields: { layout: 0, mode: 4, traffic: 8, queue_limit: 12 } },
  entry_record: {
    size: 96,
    fields: { key: 0, cookie: 16, age_ns: 24, sent: 32, queued_bytes: 88, state: 92 },
  },
  owner_record: { size: 32, fields: { cookie: 0, pid: 8, comm: 16 } },
  policy: { size: 8, fields: { only_allowed_ports: 0, excludes_comms: 4 } },
  comm: { size: 16, fields: { name: 0 } },
  edit: { size: 24, fields: { key: 0, action: 16, result: 20 } },
} as const;

/** Which layout the pinned maps have; goes up with every change of a structure above. */
export const LAYOUT_VERSION = 1;

/** The enumerations of bpf/endpoint.h and bpf/policy.h, in their order. */
export const PASS_REASONS = ['noPeer', 'order', 'backlog', 'pair', 'bypass'] as const;
export const MODES = ['guarded', 'naive'] as const;
export const TRAFFIC = ['redirect', 'bypass', 'drain'] as const;
export const PORT_RULES = ['allow', 'exclude'] as const;
export const EDIT_ACTIONS = ['adopt', 'drain', 'release'] as const;
export const EDIT_RESULTS = ['notFound', 'done', 'otherKey', 'keyTaken', 'notAPair'] as const;

/** Why a message went by TCP although its socket has an entry; bpf/endpoint.h says what each means. */
export type PassReason = (typeof PASS_REASONS)[number];
/** Which pair of programs is loaded. */
export type Mode = (typeof MODES)[number];
/** What the loaded programs do with messages; `drain` is a `down` under way, or one cut short. */
export type Traffic = (typeof TRAFFIC)[number];
/** How many messages passed, by reason. */
export type Passes = Record<PassReason, number>;

/** Counters of what was sent: by one socket, or by all. */
export interface Counters {
  redirects: number;
  redirectBytes: number;
  passes: Passes;
}

/** A 64-bit number at word `index`, exact up to 2^53. */
export function readU64(words: Uint32Array, index: number): number {
  return (words[index] as number) + (words[index + 1] as number) * 0x1_0000_0000;
}

/** Decodes a `struct counters` that begins at word `index`. */
export function readCounters(words: Uint32Array, index: number): Counters {
  return {
    redirects: readU64(words, index),
    redirectBytes: readU64(words, index + 2),
    passes: readPasses(words, index + 4),
  };
}

/** Decodes the `passes` of a `struct counters`, which begin at word `index`. */
export function readPasses(words: Uint32Array, index: number): Passes {
  return {
    noPeer: readU64(words, index),
    order: readU64(words, index + 2),
    backlog: readU64(words, index + 4),
    pair: readU64(words, index + 6),
    bypass: readU64(words, index + 8),
  };
}
