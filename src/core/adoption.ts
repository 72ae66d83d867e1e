/** Taking in connections that were there before the splice: bpf/adopt.bpf.c, and both descriptors. */
import { closeSync, readFileSync } from 'node:fs';
import { descendantIds } from './cgroup.ts';
import { duplicateDescriptor } from './descriptors.ts';
import { FAMILIES, IPV4, IPV6 } from './family.ts';
import { Iterators } from './iterators.ts';
import { KernelError } from './kernel-error.ts';
import { ADOPTION_RESULTS, LAYOUT, readBigU64, readU64 } from './layout.ts';
import { BPF_NOEXIST, deleteElement, lookupElement, updateElement } from './libbpf.ts';
import { getOption, OPTION } from './libc.ts';
import { linkedCgroupIds } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import { isInScope } from './policy.ts';
import { policyMapsOf, readPolicy } from './policy-maps.ts';
import { removeEntry } from './remove-entry.ts';
import { SockKey } from './sock-key.ts';

/** What came of the adoption of one socket. */
export type AdoptionResult = (typeof ADOPTION_RESULTS)[number];

/** What an adoption did. */
export interface AdoptionReport {
  /** Connections of which both ends were taken in. */
  adopted: number;
  /** The keys of both ends of each. */
  keys: string[];
  /** Connections with both ends in the cgroups that could not be, by the key of one end. */
  skipped: string[];
}

/** A connected socket without an entry. */
interface Candidate {
  key: SockKey;
  cookie: string;
  cgroupId: bigint;
  pid: number;
  fd: number;
  /** Every process that has it open. */
  pids: number[];
  firstSent: number;
  firstReceived: number;
}

/**
 * The sockets' counters are read without their locks: next to running traffic a look may be torn,
 * and the two ends then do not seem to be a pair.
 */
const LOOKS = 20;
const COOKIE_BYTES = 8;
const EBADF = 9;
const EEXIST = 17;

/** Takes in every connection whose ends are both in the cgroups and that the policy lets in. Under the caller's lock. */
export function adoptConnections(pinned: PinnedMaps): AdoptionReport {
  using adopter = new Adopter(pinned);
  const cgroupIds = descendantIds(linkedCgroupIds(pinned.names));
  const isWanted = policyFilter(pinned);
  const keys: string[] = [];
  let skipped: string[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const candidates = adopter.candidates().filter(({ cgroupId }) => cgroupIds.has(cgroupId));
    const pairs = findPairs(candidates).filter(isWanted);
    const entered = pairs.filter((pair) => enterBoth(pinned, pair));
    const results = entered.length > 0 ? adopter.adopt() : new Map<string, AdoptionResult>();
    const failed = entered.filter((pair) => !pair.every(({ cookie }) => results.get(cookie) === 'done'));
    // One end alone redirects nothing, and nothing is redirected to it: nothing can be lost.
    for (const { key } of failed.flat()) removeEntry(pinned, key);
    for (const { key } of entered.filter((pair) => !failed.includes(pair)).flat()) keys.push(String(key));
    skipped = pairs.filter((pair) => !entered.includes(pair) || failed.includes(pair)).map(([{ key }]) => String(key));
    if (failed.length === 0) break;
  }
  return { adopted: keys.length / 2, keys, skipped };
}

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

  /** Every connected socket without an entry, once, whoever has it open. */
  candidates(): Candidate[] {
    const byCookie = new Map<string, Candidate>();
    const { size, fields } = LAYOUT.candidate_record;
    for (const record of this.#iterators.records('find_candidates', size)) {
      const word = (offset: number) => record[offset / 4] as number;
      const cookie = String(readU64(record, fields.cookie / 4));
      const pids = [...(byCookie.get(cookie)?.pids ?? []), word(fields.pid)];
      byCookie.set(cookie, {
        key: SockKey.decode(record, word(fields.is_ipv6) ? IPV6 : IPV4, KEY_IN_CANDIDATE / 4),
        cookie,
        cgroupId: readBigU64(record, fields.cgroup_id / 4),
        pid: word(fields.pid),
        fd: word(fields.fd),
        pids,
        firstSent: word(fields.first_sent),
        firstReceived: word(fields.first_received),
      });
    }
    return [...byCookie.values()];
  }

  [Symbol.dispose](): void {
    this.#iterators[Symbol.dispose]();
  }
}

/** The key, of either family, follows `is_ipv6`. */
const KEY_IN_CANDIDATE = LAYOUT.candidate_record.fields.is_ipv6 + 4;

/**
 * Puts the socket behind a descriptor of ours into the sockhash, under a key that it first reserves.
 * @returns its cookie
 * @throws KernelError EEXIST when the key has an entry, and what the kernel has against the socket
 */
export function enterSocket(pinned: PinnedMaps, key: SockKey, socket: number): string {
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
function reserve(pinned: PinnedMaps, key: SockKey): void {
  const endpoints = pinned.fd(key.family.endpoints);
  deleteElement(endpoints, key.encode());
  updateElement(endpoints, key.encode(), Buffer.alloc(LAYOUT.endpoint_record.size), BPF_NOEXIST);
}

/** Whether the policy lets a connection in. */
function policyFilter(pinned: PinnedMaps): (pair: readonly Candidate[]) => boolean {
  const policy = readPolicy(policyMapsOf(pinned));
  return (pair) => {
    const comms = policy.excludeComms.length > 0 ? pair.flatMap(({ pids }) => pids).map(commOf) : [];
    return isInScope(
      policy,
      pair.map(({ key }) => key.sport),
      comms,
    );
  };
}

/** The name of a process as the kernel has it; empty when it is gone, and its socket with it. */
export function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '');
  } catch {
    return '';
  }
}

/** The candidates that are each other's peer; the network namespace need not be the same. */
function findPairs(candidates: readonly Candidate[]): [Candidate, Candidate][] {
  const byKey = Map.groupBy(candidates, ({ key }) => String(key));
  const taken = new Set<Candidate>();
  const pairs: [Candidate, Candidate][] = [];
  for (const one of candidates) {
    if (taken.has(one)) continue;
    const others = byKey.get(String(one.key.reverse())) ?? [];
    const other = others.find((candidate) => candidate !== one && arePair(one, candidate));
    if (!other) continue;
    pairs.push([one, other]);
    taken.add(other);
  }
  return pairs;
}

/** Like mirror() in adopt.bpf.c: the end that connected counted its SYN. */
function arePair(one: Candidate, other: Candidate): boolean {
  const matches = (sent: number, received: number) => (received - sent) >>> 0 <= 1;
  return matches(one.firstSent, other.firstReceived) && matches(other.firstSent, one.firstReceived);
}

function cookieOf(socket: number): string {
  return String(getOption(socket, OPTION.COOKIE).readBigUInt64LE());
}

function enterBoth(pinned: PinnedMaps, pair: readonly Candidate[]): boolean {
  const entered: SockKey[] = [];
  try {
    for (const { key, cookie, pid, fd } of pair) {
      const socket = duplicateDescriptor(pid, fd);
      try {
        if (cookieOf(socket) !== cookie) throw new KernelError(`enter ${key}: the descriptor is another socket`, EBADF);
        enterSocket(pinned, key, socket);
        entered.push(key);
      } finally {
        closeSync(socket);
      }
    }
    return true;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    for (const key of entered) removeEntry(pinned, key);
    return false;
  }
}
