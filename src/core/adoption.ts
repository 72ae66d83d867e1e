/** Taking in connections that were there before the splice. */

import { Adopter, type AdoptionResult, type Candidate } from './adopter.ts';
import { MOST_OF_PROC, readText } from './bounded-file.ts';
import { descendantIds } from './cgroup.ts';
import { KernelError } from './kernel-error.ts';
import { LAYOUT } from './layout.ts';
import { lookupElement } from './map-elements.ts';
import { NoAnswer, Outpost } from './outpost.ts';
import { linkedCgroupIds } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import { isInScope } from './policy.ts';
import { policyMapsOf, readPolicy } from './policy-maps.ts';
import { removeEntry } from './remove-entry.ts';
import type { SockKey } from './sock-key.ts';
import { UNSEEN } from './socket-holders.ts';

/** What an adoption did. */
export interface AdoptionReport {
  /** Connections that were taken in, of which both ends have an entry now. */
  adopted: number;
  /** The keys of the ends that had none before. */
  keys: string[];
  /**
   * Connections with both ends in the cgroups that could not be, by the key of one end; those with an
   * edge-triggered reader or a socket option that only TCP honours, too (docs/safety.md), and those of
   * processes that keep us waiting (outpost.ts).
   */
  skipped: string[];
  /** Those of the skipped whose process does not let this one duplicate a descriptor: CAP_SYS_PTRACE may. */
  denied?: string[];
}

/** Who has a connection open is asked of so many processes; one that more have stays out when names matter. */
const MOST_HOLDERS = 1 << 12;

/**
 * The sockets' counters are read without their locks: next to running traffic a look may be torn,
 * and the two ends then do not seem to be a pair.
 */
const LOOKS = 20;

/** Takes in every connection of the cgroups that the policy lets in. Under the caller's lock. */
export function adoptConnections(pinned: PinnedMaps): AdoptionReport {
  using adopter = new Adopter(pinned);
  using outpost = new Outpost(pinned);
  const cgroupIds = descendantIds(linkedCgroupIds(pinned.names));
  const isWanted = policyFilter(pinned);
  const report: AdoptionReport = { adopted: 0, keys: [], skipped: [] };
  adopter.giveBackReserved(pinned);
  // What a killed tool left in the sockhash gets its records.
  adopter.adopt();
  for (let look = 0; look < LOOKS; look++) {
    const candidates = adopter
      .candidates()
      .filter((one) => one.isEstablished && !one.isTaken && cgroupIds.has(one.cgroupId));
    const connections = findConnections(pinned, candidates).filter(isWanted);
    const denied: (readonly Candidate[])[] = [];
    const entered = connections.filter(
      (ends) =>
        !ends.some(({ isEdgeTriggered, wantsTcp }) => isEdgeTriggered || wantsTcp) &&
        enterAll(pinned, outpost, ends, denied),
    );
    const results = entered.length > 0 ? adopter.adopt() : new Map<string, AdoptionResult>();
    const isDone = (ends: readonly Candidate[]) => ends.every(({ cookie }) => results.get(cookie) === 'done');
    const failed = entered.filter((ends) => !isDone(ends));
    // Nothing is redirected to a socket without a record: nothing can be lost.
    for (const { key } of failed.flat()) removeEntry(pinned, key);
    const done = entered.filter(isDone);
    report.adopted += done.length;
    report.keys.push(...done.flat().map(({ key }) => String(key)));
    report.skipped = connections.filter((ends) => !done.includes(ends)).map(([end]) => String(end?.key));
    if (denied.length > 0) report.denied = denied.map(([end]) => String(end?.key));
    if (failed.length === 0) break;
  }
  return report;
}

/** Whether the policy lets a connection in. */
function policyFilter(pinned: PinnedMaps): (ends: readonly Candidate[]) => boolean {
  const policy = readPolicy(policyMapsOf(pinned));
  return (ends) => {
    const ports = ends.flatMap(({ key }) => [key.sport, key.dport]);
    if (policy.excludeComms.length === 0) return isInScope(policy, ports, []);
    // One that is not seen may be one that is to stay out.
    if (!ends.every(({ knowsPids }) => knowsPids)) return false;
    const pids = ends.flatMap((end) => [...end.pids]);
    return pids.length <= MOST_HOLDERS && isInScope(policy, ports, pids.map(commOf));
  };
}

/** The name of a process as the kernel has it; empty when it is gone, and its socket with it. */
export function commOf(pid: number): string {
  try {
    return readText(`/proc/${pid}/comm`, MOST_OF_PROC).replace(/\n$/, '');
  } catch {
    return '';
  }
}

/**
 * The connections that are to be taken in, by those of their ends that have no entry: both, or one
 * whose other end has an entry already, because a tool was killed between them or an entry deleted.
 */
function findConnections(pinned: PinnedMaps, candidates: readonly Candidate[]): (readonly Candidate[])[] {
  const pairs = findPairs(candidates);
  const paired = new Set(pairs.flat());
  const lone = candidates.filter((candidate) => !paired.has(candidate) && hasPeerEntry(pinned, candidate));
  return [...pairs, ...lone.map((candidate) => [candidate])];
}

function hasPeerEntry(pinned: PinnedMaps, candidate: Candidate): boolean {
  const peer = candidate.key.reverse();
  const record = Buffer.alloc(LAYOUT.endpoint_record.size);
  const { map, endpoints } = peer.family;
  if (!lookupElement(pinned.fd(map), peer.encode(), Buffer.alloc(8))) return false;
  if (!lookupElement(pinned.fd(endpoints), peer.encode(), record)) return false;
  const { first_sent, first_received } = LAYOUT.endpoint.fields;
  const [firstSent, firstReceived] = [record.readUInt32LE(first_sent), record.readUInt32LE(first_received)];
  return arePair(candidate, { firstSent, firstReceived });
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

type Beginning = Pick<Candidate, 'firstSent' | 'firstReceived'>;

/** Like mirror() in adopt.bpf.c: the end that connected counted its SYN. */
function arePair(one: Beginning, other: Beginning): boolean {
  const matches = (sent: number, received: number) => (received - sent) >>> 0 <= 1;
  return matches(one.firstSent, other.firstReceived) && matches(other.firstSent, one.firstReceived);
}

/**
 * Puts all of them into the sockhash, or none.
 * @param denied is added to when a process does not let this one have its descriptor
 */
function enterAll(
  pinned: PinnedMaps,
  outpost: Outpost,
  ends: readonly Candidate[],
  denied: (readonly Candidate[])[],
): boolean {
  if (ends.some(({ pid }) => pid === UNSEEN)) return false;
  const entered: SockKey[] = [];
  try {
    for (const { key, cookie, pid, fd } of ends) {
      outpost.enter({ key: String(key), cookie, pid, fd });
      entered.push(key);
    }
    return true;
  } catch (error) {
    // Without an answer the key may stay reserved; the next edit gives it back.
    if (!(error instanceof KernelError) && !(error instanceof NoAnswer)) throw error;
    if (error instanceof KernelError && error.errnoName === 'EPERM') denied.push(ends);
    for (const key of entered) removeEntry(pinned, key);
    return false;
  }
}
