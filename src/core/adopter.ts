/** How sockets that exist already come into the sockhash: bpf/adopt.bpf.c, and their descriptors. */
import { FAMILIES, IPV4, IPV6 } from './family.ts';
import { Iterators } from './iterators.ts';
import { KernelError } from './kernel-error.ts';
import { ADOPTION_RESULTS, ENDPOINT_RESERVED, LAYOUT, readBigU64, readU64 } from './layout.ts';
import { BPF_NOEXIST, deleteElement, lookupElement, updateElement } from './map-elements.ts';
import type { PinnedMaps } from './pinned.ts';
import { SockKey } from './sock-key.ts';
import { numbersProcessesAsMachine, socketHolders, UNSEEN } from './socket-holders.ts';

/** What came of the adoption of one socket. */
export type AdoptionResult = (typeof ADOPTION_RESULTS)[number];

/** A socket that has a connection and no entry. */
export interface Candidate {
  key: SockKey;
  cookie: string;
  cgroupId: bigint;
  pid: number;
  fd: number;
  /** Every process that has it open. */
  pids: ReadonlySet<number>;
  /** Whether those are all; not so where this process sees only some, and `pid` may be none of its own. */
  knowsPids: boolean;
  firstSent: number;
  firstReceived: number;
  /** Its reader is told of bytes once only: it is safe in the map only from the beginning. */
  isEdgeTriggered: boolean;
  /** It has a socket option that only TCP honours: bpf/options.h. */
  wantsTcp: boolean;
  /** A sockmap has it: of another program, or another splice. */
  isTaken: boolean;
  /** Neither end was closed yet: the kernel takes no other socket into a sockhash. */
  isEstablished: boolean;
}

/** The key, of either family, follows `is_ipv6`. */
const KEY_IN_CANDIDATE = LAYOUT.candidate_record.fields.is_ipv6 + 4;

const COOKIE_BYTES = 8;
const EEXIST = 17;

/**
 * Forgets the sockets that are closed and whose end the kernel did not report: adopted ones.
 * @returns how many adopted ones live
 */
export function sweep(iterators: Iterators): number {
  const living = FAMILIES.map(({ sweepProgram, endpoints }) => iterators.read(sweepProgram, COOKIE_BYTES, endpoints));
  return living.flat().reduce((sum, { byteLength }) => sum + byteLength / COOKIE_BYTES, 0);
}

/** bpf/adopt.bpf.c over one splice. */
export class Adopter implements Disposable {
  readonly #iterators: Iterators;

  /** Forgets at once what was adopted before and is closed by now. */
  constructor(pinned: PinnedMaps) {
    this.#iterators = new Iterators('adopt', pinned);
    sweep(this.#iterators);
  }

  /**
   * Gives back the keys that a killed tool had reserved. The caller holds the pin directory's lock:
   * nobody else is about to put a socket somewhere.
   */
  giveBackReserved(pinned: PinnedMaps): void {
    for (const family of FAMILIES) {
      const { reservedProgram, endpoints, keyWords } = family;
      const reserved = [...this.#iterators.records(reservedProgram, 4 * keyWords, endpoints)];
      for (const key of reserved) giveBack(pinned, SockKey.decode(key, family));
    }
  }

  /** Writes the records of all entries that have none; what came of each, by socket cookie. */
  adopt(): Map<string, AdoptionResult> {
    const results = new Map<string, AdoptionResult>();
    const { size, fields } = LAYOUT.adoption_record;
    for (const { adoptProgram, map } of FAMILIES) {
      for (const record of this.#iterators.records(adoptProgram, size, map)) {
        const result = ADOPTION_RESULTS[record[fields.result / 4] as number] as AdoptionResult;
        results.set(String(readU64(record, fields.cookie / 4)), result);
      }
    }
    return results;
  }

  /** Every socket with a connection and no entry, once, whoever has it open. */
  candidates(): Candidate[] {
    const byCookie = new Map<string, Candidate>();
    const pidsOf = new Map<string, Set<number>>();
    const { size, fields } = LAYOUT.candidate_record;
    for (const record of this.#iterators.records('find_candidates', size)) {
      const word = (offset: number) => record[offset / 4] as number;
      const cookie = String(readU64(record, fields.cookie / 4));
      // One process can have a socket open a million times.
      const pids = pidsOf.get(cookie) ?? new Set<number>();
      pidsOf.set(cookie, pids.add(word(fields.pid)));
      byCookie.set(cookie, {
        key: SockKey.decode(record, word(fields.is_ipv6) ? IPV6 : IPV4, KEY_IN_CANDIDATE / 4),
        cookie,
        cgroupId: readBigU64(record, fields.cgroup_id / 4),
        pid: word(fields.pid),
        fd: word(fields.fd),
        pids,
        knowsPids: true,
        firstSent: word(fields.first_sent),
        firstReceived: word(fields.first_received),
        isEdgeTriggered: word(fields.is_edge_triggered) !== 0,
        wantsTcp: (word(fields.wants_tcp) & 0xffff) !== 0,
        isTaken: word(fields.wants_tcp) >>> 16 !== 0,
        isEstablished: word(fields.is_established) !== 0,
      });
    }
    const candidates = [...byCookie.values()];
    return numbersProcessesAsMachine() ? candidates : candidates.map(renumber(socketHolders()));
  }

  [Symbol.dispose](): void {
    this.#iterators[Symbol.dispose]();
  }
}

/** Names the processes of candidates as this one does. */
function renumber(holders: ReturnType<typeof socketHolders>): (candidate: Candidate) => Candidate {
  return (candidate) => {
    const here = holders.get(candidate.cookie) ?? [];
    const pids = new Set(here.map(({ pid }) => pid));
    const { pid, fd } = here[0] ?? { pid: UNSEEN, fd: candidate.fd };
    return { ...candidate, pid, fd, pids, knowsPids: pids.size >= candidate.pids.size };
  };
}

/**
 * Puts the socket behind a descriptor of ours into the sockhash, under a key that it first reserves.
 * @returns its cookie
 * @throws KernelError EEXIST when the key has an entry, and what the kernel has against the socket
 */
export function enterSocket(pinned: Pick<PinnedMaps, 'fd'>, key: SockKey, socket: number): string {
  const map = pinned.fd(key.family.map);
  const bytes = key.encode();
  const value = Buffer.alloc(8);
  if (lookupElement(map, bytes, value)) throw new KernelError(`enter ${key}`, EEXIST);
  reserve(pinned, key);
  try {
    value.writeBigUInt64LE(BigInt(socket));
    updateElement(map, bytes, value, BPF_NOEXIST);
  } catch (error) {
    deleteElement(pinned.fd(key.family.endpoints), bytes);
    throw error;
  }
  lookupElement(map, bytes, value);
  return String(value.readBigUInt64LE());
}

/**
 * An empty record keeps others from the key. What stood there without an entry is a socket that
 * left the sockhash when it was closed: nothing is redirected to it any more.
 */
function reserve(pinned: Pick<PinnedMaps, 'fd'>, key: SockKey): void {
  const endpoints = pinned.fd(key.family.endpoints);
  deleteElement(endpoints, key.encode());
  const record = Buffer.alloc(LAYOUT.endpoint_record.size);
  record.writeUInt32LE(ENDPOINT_RESERVED, LAYOUT.endpoint.fields.flags);
  updateElement(endpoints, key.encode(), record, BPF_NOEXIST);
}

/** Ends the reservation of a tool that was killed, unless its socket is in the sockhash and can have its record. */
function giveBack(pinned: PinnedMaps, key: SockKey): void {
  const bytes = key.encode();
  if (lookupElement(pinned.fd(key.family.map), bytes, Buffer.alloc(8))) return;
  deleteElement(pinned.fd(key.family.endpoints), bytes);
}
