/** The lock of a directory, which the kernel gives back when its holder ends in any way. */
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { tryLock } from './descriptors.ts';

export class DirectoryLock implements Disposable {
  readonly #path: string;
  readonly #fd: number;

  /** Use take(). */
  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Takes the lock without waiting; null when somebody has it.
   * @throws what open(2) says, for instance ENOENT
   */
  static take(path: string): DirectoryLock | null {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const lock = new DirectoryLock(path, fd);
    // Whoever had it before may have removed the directory, and another one may stand there.
    if (tryLock(fd) && lock.isThere()) return lock;
    lock[Symbol.dispose]();
    return null;
  }

  /** Whether the directory still stands where it stood. */
  isThere(): boolean {
    try {
      const [there, here] = [lstatSync(this.#path), fstatSync(this.#fd)];
      return there.ino === here.ino && there.dev === here.dev;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
