/** Editing the map by hand: taking one entry out without losing a byte, and putting one in. */
import { Adopter, type AdoptionResult } from './adopter.ts';
import { type DrainOptions, drain } from './drain.ts';
import type { Entry } from './entry.ts';
import { notPermitted, SpliceError } from './errors.ts';
import { Inspector } from './inspector.ts';
import { KernelError } from './kernel-error.ts';
import { NoAnswer, Outpost } from './outpost.ts';
import type { PinnedMaps } from './pinned.ts';
import { removeEntry } from './remove-entry.ts';
import type { SockKey } from './sock-key.ts';
import { wakeReaders } from './wake-readers.ts';

/** `timeoutMs` is 5000 by default; `force` does not wait for the reader. */
export type DeleteOptions = DrainOptions;

/** A descriptor of a process. */
export interface SocketOwner {
  pid: number;
  fd: number;
}

/** What a delete did. */
export interface DeleteReport {
  key: string;
  /** Bytes dropped by `force`. */
  lostBytes: number;
  /** Its reader, in words, when it is told of bytes once only and could not be told again. */
  notWoken?: string[];
}

const DEFAULT_TIMEOUT_MS = 5_000;
const LOOKS = 10;

/**
 * Takes an entry out: its peer sends to it by TCP from now on, its queue is read, then it goes.
 * The caller holds the pin directory's lock.
 * @throws SpliceError NO_ENTRY, NOT_LOSSLESS, NOT_DRAINED with the bytes that wait, INTERRUPTED when the
 * signal comes; then nothing has changed
 */
export async function deleteEntry(
  pinned: PinnedMaps,
  key: SockKey,
  { force = false, timeoutMs = DEFAULT_TIMEOUT_MS, signal }: DeleteOptions,
): Promise<DeleteReport> {
  // Its own, not the splice object's: that may be closed while this waits.
  using inspector = new Inspector(pinned);
  const cookie = findEntry(inspector, key)?.cookie;
  if (cookie === undefined) throw noEntry(key);
  if (!force) requireLossless(pinned);
  if (signal?.aborted) throw interrupted(key);
  const removeDrained = () => {
    const entry = findEntry(inspector, key);
    // Closed meanwhile; another socket that got the key is none of ours to remove.
    if (entry?.cookie !== cookie) return [];
    if (!entry.isDrained) return [entry];
    removeEntry(pinned, key);
    return [];
  };
  inspector.drain(key, 'begin');
  try {
    const drained = await drain(removeDrained, { timeoutMs: force ? 0 : timeoutMs, signal });
    if (drained.interrupted) throw interrupted(key);
    const [left] = drained.left;
    if (left && !force) throw notDrained(key, left.queuedBytes);
    if (left) removeEntry(pinned, key);
    const notWoken = wakeReaders(pinned, new Set([cookie]));
    return { key: key.toString(), lostBytes: left?.queuedBytes ?? 0, ...(notWoken.length > 0 && { notWoken }) };
  } finally {
    inspector.drain(key, 'end');
  }
}

function findEntry(inspector: Inspector, key: SockKey): Entry | undefined {
  return inspector.list().find((entry) => entry.key === key.toString());
}

/** The textbook program knows no draining, and fails the sends to a peer that has left. */
function requireLossless(pinned: PinnedMaps): void {
  const { mode, traffic } = pinned.settings();
  if (mode !== 'naive' || traffic !== 'redirect') return;
  throw new SpliceError(
    'NOT_LOSSLESS',
    'naive goes on redirecting to an entry that is being removed, and fails what is sent to it afterwards',
    "mode('bypass') before it, or {force: true}, which may lose bytes",
  );
}

function interrupted(key: SockKey): SpliceError {
  return new SpliceError(
    'INTERRUPTED',
    `the removal of ${key} was interrupted; the entry stays, and is redirected to again`,
    `del("${key}") again`,
  );
}

function notDrained(key: SockKey, queued: number): SpliceError {
  return new SpliceError(
    'NOT_DRAINED',
    `${queued} redirected bytes wait in the queue of ${key} and nobody reads them; the entry stays`,
    `again when its reader has read, or del("${key}", {force: true}), which drops them`,
  );
}

/**
 * Puts the socket behind a process's descriptor into the map under its key. It may be redirected to
 * as soon as its reader has consumed one message that came by TCP (the handover rule).
 * The caller holds the pin directory's lock.
 * @throws SpliceError NO_SUCH_SOCKET, NOT_PERMITTED, WRONG_SOCKET, SOCKET_BUSY, or KERNEL_REFUSED with the reason
 */
export function putEntry(pinned: PinnedMaps, key: SockKey, { pid, fd }: SocketOwner): void {
  const cookie = enterOrExplain(pinned, key, pid, fd);
  const result = adoptOne(pinned, cookie);
  if (result === 'done') return;
  removeEntry(pinned, key);
  throw notAdopted(key, pid, fd, result);
}

/** The socket's counters are read without its lock: next to running traffic, look more than once. */
function adoptOne(pinned: PinnedMaps, cookie: string): AdoptionResult | undefined {
  using adopter = new Adopter(pinned);
  adopter.giveBackReserved(pinned);
  let result: AdoptionResult | undefined;
  for (let look = 0; look < LOOKS; look++) {
    result = adopter.adopt().get(cookie);
    if (result !== 'notAPair') break;
  }
  return result;
}

function enterOrExplain(pinned: PinnedMaps, key: SockKey, pid: number, fd: number): string {
  using outpost = new Outpost(pinned);
  try {
    return outpost.enter({ key: String(key), pid, fd });
  } catch (error) {
    if (error instanceof NoAnswer) throw keptWaiting(pid, fd, error);
    if (!(error instanceof KernelError)) throw error;
    throw isOfDescriptor(error) ? noSuchSocket(pid, fd, error) : refusedToPut(key, pid, fd, error);
  }
}

/** Whether it was the descriptor that could not be had: see duplicateDescriptor(). */
function isOfDescriptor({ operation }: KernelError): boolean {
  return operation.startsWith('open process') || operation.startsWith('get descriptor');
}

function noSuchSocket(pid: number, fd: number, error: KernelError): SpliceError {
  if (error.errnoName === 'EPERM') {
    return notPermitted(`process ${pid} does not let this one have its descriptors`, {
      remedy: "run it with CAP_SYS_PTRACE, or as the process's own user with no fewer capabilities than it has",
      cause: error,
    });
  }
  return new SpliceError(
    'NO_SUCH_SOCKET',
    `descriptor ${fd} of process ${pid} cannot be had: ${error.message}`,
    `a pid and a socket's descriptor, as 'ls -l /proc/${pid}/fd' shows them`,
    error,
  );
}

function keptWaiting(pid: number, fd: number, cause: NoAnswer): SpliceError {
  return new SpliceError(
    'SOCKET_BUSY',
    `descriptor ${fd} of process ${pid} is not put into the map: ${cause.message}`,
    'again when that process is no longer inside a call that uses the socket',
    cause,
  );
}

/** net/core/sock_map.c: sock_map_update_elem_sys, sock_hash_update_common, sock_map_link */
const REASONS: Record<string, string> = {
  EEXIST: 'the key has an entry already',
  EBUSY:
    'the socket is in a map already, of this splice or of another tool, or a call that began when it was still sleeps on it',
  EOPNOTSUPP: 'it is not an ESTABLISHED TCP socket',
  ENOTSOCK: 'the descriptor is not a socket',
  EINVAL: 'the kernel takes no such socket',
  E2BIG: 'the map is full',
};

function refusedToPut(key: SockKey, pid: number, fd: number, error: KernelError): SpliceError {
  const isBusy = error.errnoName === 'EBUSY';
  return new SpliceError(
    isBusy ? 'SOCKET_BUSY' : 'KERNEL_REFUSED',
    `descriptor ${fd} of process ${pid} does not become the entry ${key}: ${REASONS[error.errnoName] ?? error.message} (${error.errnoName})`,
    isBusy
      ? 'again once its application has read something; and entries(): a socket can have one entry'
      : 'entries() shows what is in the map; a socket can have one entry',
    error,
  );
}

function notAdopted(key: SockKey, pid: number, fd: number, result: AdoptionResult | undefined): SpliceError {
  const why = {
    closed: 'it was closed meanwhile',
    done: '',
    otherKey: 'its addresses and ports are not those of the key',
    keyTaken: 'another living socket, maybe of another network namespace, owns the key',
    notAPair: 'the socket under the reverse key is not the other end of its connection',
    crowd: 'its bucket of the sockhash is full',
    options: 'it has a socket option that only TCP honours, such as SO_TIMESTAMP, SO_RCVLOWAT or SO_ZEROCOPY',
  }[result ?? 'closed'];
  return new SpliceError(
    'KERNEL_REFUSED',
    `descriptor ${fd} of process ${pid} does not become the entry ${key}: ${why}`,
    "its own addresses, own end first: 'ss -tnp' shows them",
  );
}

/** The error for a key without an entry. */
export function noEntry(key: SockKey): SpliceError {
  return new SpliceError('NO_ENTRY', `the map has no entry ${key}`, 'entries() shows those it has');
}
