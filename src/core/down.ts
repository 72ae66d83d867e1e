/** `down`: takes a splice away without losing a byte, or says what stands against it. */
import { closeSync } from 'node:fs';
import { requireWritable } from './bpffs.ts';
import { type DrainOptions, drain } from './drain.ts';
import type { Entry } from './entry.ts';
import { SpliceError } from './errors.ts';
import { Inspector } from './inspector.ts';
import { KernelError } from './kernel-error.ts';
import { detachLink, openPinned } from './libbpf.ts';
import { checkOptions } from './options.ts';
import { removeEmptyDirectory, removePins } from './pin-directory.ts';
import { lockPins } from './pin-lock.ts';
import { PinnedMaps } from './pinned.ts';
import { requirePrivileges } from './privileges.ts';
import { removeEntry } from './remove-entry.ts';
import { SockKey } from './sock-key.ts';
import { wakeReaders } from './wake-readers.ts';

/** `timeoutMs` is 10 000 by default. */
export type DownOptions = DrainOptions;

/** What a `down` did. */
export interface DownReport {
  /** Entries removed. */
  removed: number;
  /** Bytes dropped by `force`. */
  lostBytes: number;
  /** The readers that are told of bytes once only and could not be told again, in words; none is not named. */
  notWoken?: string[];
}

const DEFAULT_TIMEOUT_MS = 10_000;
const NAMED_ENTRIES = 5;

/**
 * Bypasses, waits until every queue is read, removes the entries, detaches and unpins.
 * @throws SpliceError BAD_OPTION, NOT_LOADED, BUSY, NOT_PERMITTED, READ_ONLY before anything is changed; NOT_DRAINED when a queue is not read
 * in time, INTERRUPTED when the signal comes: the entries that are left stay, everything goes by TCP,
 * and a later `down` can finish
 */
export async function down(directory: string, options: DownOptions = {}): Promise<DownReport> {
  checkOptions('down', options, { force: 'boolean', timeoutMs: 'milliseconds', signal: 'signal' });
  if (options.signal?.aborted) throw interrupted('nothing was changed');
  requirePrivileges('use');
  using _lock = lockPins(directory);
  using pinned = openPins(directory);
  requireWritable(directory);
  pinned.setTraffic('drain');
  // Entries are there only while all maps are: they are pinned before, and unpinned after.
  const report = pinned.whole ? await drainAndRemove(pinned, options) : { removed: 0, lostBytes: 0 };
  detachAndUnpin(pinned);
  return report;
}

function openPins(directory: string): PinnedMaps {
  try {
    return new PinnedMaps(directory);
  } catch (error) {
    // What an `up` left that was killed before it pinned anything.
    if (error instanceof SpliceError && error.code === 'NOT_LOADED') removeEmptyDirectory(directory);
    throw error;
  }
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
  const { timeoutMs = DEFAULT_TIMEOUT_MS, force = false, signal } = options;
  using inspector = new Inspector(pinned);
  const cookies = new Set(inspector.listPart().entries.map(({ cookie }) => cookie));
  if (cookies.size === 0) return { removed: 0, lostBytes: 0 };
  const { left, interrupted: ended } = await drain(() => removeDrained(pinned, inspector, cookies), {
    timeoutMs,
    signal,
  });
  const notWoken = wakeReaders(pinned, cookies);
  if (ended) throw interrupted(`everything goes by TCP, and ${countOf(inspector.listPart().entries.length)} left`);
  if (left.length > 0 && !force) throw notDrained(left);
  const lostBytes = removeAll(pinned, inspector, left);
  return { removed: cookies.size, lostBytes, ...(notWoken.length > 0 && { notWoken }) };
}

/**
 * Removes every entry whose queue is empty, and returns the others. Of a crowded map it takes several looks:
 * what is removed makes room for what stood behind it.
 * @param cookies gets those of all that were seen
 */
function removeDrained(pinned: PinnedMaps, inspector: Inspector, cookies = new Set<string>()): Entry[] {
  for (;;) {
    const { entries, isWhole } = inspector.listPart();
    for (const { cookie } of entries) cookies.add(cookie);
    const drained = entries.filter(({ isDrained }) => isDrained);
    for (const entry of drained) removeEntry(pinned, SockKey.from(entry.key));
    if (isWhole || drained.length === 0) return entries.filter(({ isDrained }) => !isDrained);
  }
}

/** Removes these, and those that stood behind them in a crowded map; returns how many bytes are lost. */
function removeAll(pinned: PinnedMaps, inspector: Inspector, first: readonly Entry[]): number {
  let lost = 0;
  const removed = new Set<string>();
  for (let left = first; left.length > 0; ) {
    for (const entry of left) removeEntry(pinned, SockKey.from(entry.key));
    lost += bytesIn(left);
    for (const { cookie } of left) removed.add(cookie);
    left = removeDrained(pinned, inspector).filter(({ cookie }) => !removed.has(cookie));
  }
  return lost;
}

function detachAndUnpin(pinned: PinnedMaps, { keepDirectory = false } = {}): void {
  for (const name of pinned.names.filter((name) => name.includes('_link'))) {
    const link = openPinned(pinned.path(name));
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
  const bytes = bytesIn(left);
  const named = left
    .slice(0, NAMED_ENTRIES)
    .map((entry) => `  ${entry.key}: ${entry.queuedBytes > 0 ? `${entry.queuedBytes} bytes` : 'a message under way'}`);
  const more = left.length > NAMED_ENTRIES ? [`  and ${left.length - NAMED_ENTRIES} more`] : [];
  return new SpliceError(
    'NOT_DRAINED',
    `${bytes} redirected bytes are not read yet; everything goes by TCP, and these entries stay:\n${[...named, ...more].join('\n')}`,
    "'splice down' again when the readers have read, with --timeout S to wait longer; --force drops the bytes",
  );
}

function interrupted(state: string): SpliceError {
  return new SpliceError('INTERRUPTED', `the down was interrupted: ${state}`, "'splice down', which finishes it");
}

function countOf(entries: number): string {
  return entries === 1 ? '1 entry is' : `${entries} entries are`;
}

function bytesIn(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.queuedBytes, 0);
}
