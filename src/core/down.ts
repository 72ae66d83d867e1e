/** `down`: takes a splice away without losing a byte, or says what stands against it. */
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from './entry.ts';
import { SpliceError } from './errors.ts';
import { Inspector } from './inspector.ts';
import { KernelError } from './kernel-error.ts';
import { deleteElement, detachLink, openPinned } from './libbpf.ts';
import { lockPins, removePins } from './pin-directory.ts';
import { PinnedMaps } from './pinned.ts';
import { requirePrivileges } from './privileges.ts';
import { SockKey } from './sock-key.ts';

export interface DownOptions {
  /** How long to wait for readers, in milliseconds; 10 000 by default. */
  timeoutMs?: number;
  /** Drops what is not read by then. */
  force?: boolean;
}

/** What a `down` did. */
export interface DownReport {
  /** Entries removed. */
  removed: number;
  /** Bytes dropped by `force`. */
  lostBytes: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
const NAMED_ENTRIES = 5;

/**
 * A message that was redirected just before the switch was flipped may still be on its way into the
 * queue: the verdict is given under the sender's lock, the queue is filled after it, under the
 * reader's (net/ipv4/tcp_bpf.c, tcp_bpf_send_verdict). The kernel does not say when it is there;
 * it takes microseconds, or as long as a cgroup's CPU quota stops the sender (periods of 100 ms). A
 * message that comes later still fails with EPIPE; none is lost silently.
 */
export const SETTLE_MS = 250;

/**
 * Bypasses, waits until every queue is read, removes the entries, detaches and unpins.
 * @throws SpliceError NOT_LOADED, BUSY, NOT_PERMITTED; NOT_DRAINED when a queue is not read in time:
 * the entries that have one stay, everything goes by TCP, and a later `down` can finish
 */
export async function down(directory: string, options: DownOptions = {}): Promise<DownReport> {
  requirePrivileges();
  using pinned = new PinnedMaps(directory);
  using _lock = lockPins(directory);
  pinned.setTraffic('drain');
  // Entries are there only while all maps are: they are pinned before, and unpinned after.
  const report = pinned.whole ? await drainAndRemove(pinned, options) : { removed: 0, lostBytes: 0 };
  detachAndUnpin(pinned);
  return report;
}

/**
 * Takes down what a killed `up` or `down` left, under the caller's lock.
 * @throws SpliceError NOT_DRAINED when entries with unread bytes are left
 */
export function takeDown(pinned: PinnedMaps): void {
  if (pinned.whole) {
    using inspector = new Inspector(pinned);
    const left = removeDrained(pinned, inspector);
    if (left.length > 0) throw notDrained(left);
  }
  detachAndUnpin(pinned, { keepDirectory: true });
}

async function drainAndRemove(pinned: PinnedMaps, options: DownOptions): Promise<DownReport> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, force = false } = options;
  using inspector = new Inspector(pinned);
  const total = inspector.list().length;
  if (total > 0) await sleep(SETTLE_MS);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = removeDrained(pinned, inspector);
    if (left.length === 0) return { removed: total, lostBytes: 0 };
    if (performance.now() >= deadline) {
      if (!force) throw notDrained(left);
      for (const entry of left) removeEntry(pinned, SockKey.from(entry.key));
      return { removed: total, lostBytes: left.reduce((sum, entry) => sum + entry.queuedBytes, 0) };
    }
    await sleep(POLL_MS);
  }
}

/** Removes every entry whose queue is empty, and returns the others. */
function removeDrained(pinned: PinnedMaps, inspector: Inspector): Entry[] {
  const entries = inspector.list();
  for (const entry of entries) if (entry.queuedBytes === 0) removeEntry(pinned, SockKey.from(entry.key));
  return entries.filter((entry) => entry.queuedBytes > 0);
}

/** Takes one entry and its record out of the maps; its socket goes on with TCP. */
export function removeEntry(pinned: PinnedMaps, key: SockKey): void {
  const bytes = key.encode();
  deleteElement(pinned.fd(key.family.map), bytes);
  deleteElement(pinned.fd(key.family.endpoints), bytes);
}

function detachAndUnpin(pinned: PinnedMaps, { keepDirectory = false } = {}): void {
  for (const name of pinned.names.filter((name) => name.includes('_link'))) {
    const link = openPinned(join(pinned.directory, name));
    try {
      detachLink(link);
    } catch (error) {
      // The cgroup is gone, and its links with it.
      if (!(error instanceof KernelError)) throw error;
    } finally {
      closeSync(link);
    }
  }
  removePins(pinned.directory, { keepDirectory });
}

function notDrained(left: readonly Entry[]): SpliceError {
  const bytes = left.reduce((sum, entry) => sum + entry.queuedBytes, 0);
  const named = left.slice(0, NAMED_ENTRIES).map((entry) => `  ${entry.key}: ${entry.queuedBytes} bytes`);
  const more = left.length > NAMED_ENTRIES ? [`  and ${left.length - NAMED_ENTRIES} more`] : [];
  return new SpliceError(
    'NOT_DRAINED',
    `${bytes} redirected bytes are not read yet; everything goes by TCP, and these entries stay:\n${[...named, ...more].join('\n')}`,
    "'splice down' again when the readers have read, with --timeout S to wait longer; --force drops the bytes",
  );
}
