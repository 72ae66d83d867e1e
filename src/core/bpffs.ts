/** The file system that pins live in: whether it is one, may be written to, and outlives this process. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { notPermitted, SpliceError } from './errors.ts';
import { deviceNumbers, type Mount, otherMountsOfInit } from './mounts.ts';
import { printable } from './printable.ts';

/** Where a bpffs is mounted unless told otherwise. */
export const BPFFS = '/sys/fs/bpf';

/** include/uapi/linux/magic.h */
const BPF_FS_MAGIC = 0xcafe4a11;

/** Whether a directory is in a bpffs; false when there is no such directory. */
export function isBpffs(directory: string): boolean {
  return existsSync(directory) && statfsSync(directory).type === BPF_FS_MAGIC;
}

/**
 * Whether the bpffs of a directory is one of process 1 too, and so stays when this process has ended;
 * null when that cannot be told.
 */
function outlivesUs(directory: string): boolean | null {
  const theirs = otherMountsOfInit();
  if (theirs === null || theirs === 'same') return theirs === null ? null : true;
  const device = deviceOf(directory);
  return theirs.some((mount) => mount.type === 'bpf' && mount.device === device);
}

/**
 * Whether process 1 has a bpffs of its own where a pin directory would be: what is pinned there is not seen
 * by this process.
 */
export function isOutOfSight(directory: string): boolean {
  const theirs = otherMountsOfInit();
  if (theirs === null || theirs === 'same') return false;
  const parent = dirname(resolve(directory));
  // The one that is mounted last on the deepest point is the one that is seen.
  const covering = theirs.filter(({ point }) => parent === point || parent.startsWith(join(point, '/')));
  const seen = covering.reduce<Mount | undefined>(
    (best, mount) => (best && best.point.length > mount.point.length ? best : mount),
    undefined,
  );
  return seen?.type === 'bpf' && !(existsSync(parent) && deviceOf(parent) === seen.device);
}

/** As mountinfo has it. */
function deviceOf(directory: string): string {
  return deviceNumbers(statSync(directory).dev).join(':');
}

/**
 * Mounts /sys/fs/bpf when a pin directory is to lie right below it and nothing is mounted there yet.
 * @throws SpliceError NO_BPFFS; PRIVATE_BPFFS when it would go with this process or its like
 */
export function requireBpffs(directory: string, { mayBePrivate }: { mayBePrivate: boolean }): void {
  const parent = dirname(resolve(directory));
  if (!mayBePrivate) requireLasting(directory);
  if (isToBeMounted(parent)) {
    execFileSync('mount', ['-t', 'bpf', '-o', 'nosuid,nodev,noexec,mode=700', 'bpf', BPFFS], { stdio: 'pipe' });
  }
  if (!isBpffs(parent)) throw notBpffs(directory);
}

/**
 * Makes sure that what is pinned in a directory stays when this process and its like have ended. What cannot
 * be told is taken for that.
 * @throws SpliceError PRIVATE_BPFFS
 */
export function requireLasting(directory: string): void {
  const parent = dirname(resolve(directory));
  const isPrivate = isToBeMounted(parent)
    ? Array.isArray(otherMountsOfInit())
    : isBpffs(parent) && outlivesUs(parent) === false;
  if (isPrivate) throw privateBpffs(directory);
}

function isToBeMounted(parent: string): boolean {
  return parent === BPFFS && existsSync(parent) && !isBpffs(parent);
}

/**
 * Makes sure that pins can be made in a directory and removed from it.
 * @param inside where to look, when the directory itself is still to be made
 * @throws SpliceError READ_ONLY, NOT_PERMITTED; what access(2) says otherwise
 */
export function requireWritable(directory: string, inside = directory): void {
  try {
    accessSync(inside, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(error, directory);
  }
}

/** What it means for a pin directory when the file system does not let something be done there. */
export function notWritable(error: unknown, directory: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EROFS') return readOnly(directory, error);
  if (code !== 'EACCES' && code !== 'EPERM') return error;
  return notPermitted(`this user may not use the pin directory ${printable(directory)}`, { cause: error });
}

function readOnly(directory: string, cause: unknown): SpliceError {
  const place = printable(dirname(resolve(directory)));
  return new SpliceError(
    'READ_ONLY',
    `the bpffs at ${place} is mounted read-only: nothing can be pinned there or removed, and nothing was changed`,
    `make it writable with 'mount -o remount,rw ${BPFFS}', or run it where it is`,
    cause,
  );
}

function privateBpffs(directory: string): SpliceError {
  return new SpliceError(
    'PRIVATE_BPFFS',
    `${printable(dirname(resolve(directory)))} is private to this mount namespace, as in 'ip netns exec' and 'unshare --mount': a splice that is pinned there ends with it`,
    IN_MOUNTS_OF_INIT,
  );
}

/** The error for a splice that may be loaded where this process does not see it. */
export function outOfSight(directory: string): SpliceError {
  const place = printable(dirname(resolve(directory)));
  return new SpliceError(
    'PRIVATE_BPFFS',
    `${place} of this mount namespace is not the host's, as in 'ip netns exec' and 'unshare --mount': a splice that is loaded at ${printable(directory)} there is not seen from here`,
    IN_MOUNTS_OF_INIT,
  );
}

/** How to get to the mounts of the host; the network namespace stays. */
export const IN_MOUNTS_OF_INIT =
  "run it with the mounts of the host: 'nsenter --net=/run/netns/NAME splice …' in place of 'ip netns exec NAME splice …', or 'nsenter --target 1 --mount -- splice …'";

function notBpffs(directory: string): SpliceError {
  return new SpliceError(
    'NO_BPFFS',
    `${printable(dirname(resolve(directory)))} is not in a bpffs, and pins live nowhere else`,
    `--pin ${BPFFS}/NAME, or 'mount -t bpf bpf ${BPFFS}'`,
  );
}
