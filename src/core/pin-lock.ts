/** The lock of a pin directory: one command at a time changes a splice. */
import { lstatSync, type Stats } from 'node:fs';
import { readStart } from './bounded-file.ts';
import { DirectoryLock } from './directory-lock.ts';
import { SpliceError } from './errors.ts';
import { deviceNumbers } from './mounts.ts';
import { codeOf, notLoaded, translate } from './pin-directory.ts';
import { printable } from './printable.ts';

/**
 * Takes the directory's lock, which the kernel gives back when this process ends in any way.
 * @returns what gives it back
 * @throws SpliceError BUSY when another process has it, NOT_LOADED when there is no such directory
 */
export function lockPins(directory: string): Disposable {
  let lock: DirectoryLock | null;
  try {
    lock = DirectoryLock.take(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw notLoaded(directory);
    throw translate(error, directory);
  }
  if (lock !== null) return lock;
  throw new SpliceError(
    'BUSY',
    `another splice command is at work on ${printable(directory)}`,
    'again when it has finished; `splice status` shows how far it is',
  );
}

/** Whether a process has the lock now. It is not taken for that: nobody who wants it finds it taken. */
export function isLocked(directory: string): boolean {
  try {
    const wanted = inLocks(lstatSync(directory));
    const locks = readStart('/proc/locks', MOST_OF_LOCKS);
    // Whoever takes so many locks that ours may be behind them does not make it look free.
    return locks.length === MOST_OF_LOCKS || locks.includes(` ${wanted} 0 EOF`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw translate(error, directory);
  }
}

/** What is read of /proc/locks: a million locks. */
const MOST_OF_LOCKS = 1 << 26;

/** How proc_locks(5) names a file: the device's numbers in hexadecimal, and the inode. */
function inLocks({ dev, ino }: Stats): string {
  const [major, minor] = deviceNumbers(dev);
  const hex = (number: number) => number.toString(16).padStart(2, '0');
  return `${hex(major)}:${hex(minor)}:${ino}`;
}
