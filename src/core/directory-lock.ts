/** The lock of a directory, which the kernel gives back when its holder ends in any way. */
import { lstatSync } from 'node:fs';
import { tryLock } from './descriptors.ts';
import { OwnDirectory } from './own-directory.ts';

export class DirectoryLock implements Disposable {
  readonly #path: string;
  readonly #directory: OwnDirectory;

  /** Use take(). */
  private constructor(path: string, directory: OwnDirectory) {
    this.#path = path;
    this.#directory = directory;
  }

  /**
   * Takes the lock without waiting; null when somebody has it.
   * @throws as OwnDirectory.open() does
   */
  static take(path: string): DirectoryLock | null {
    const directory = OwnDirectory.open(path);
    const lock = new DirectoryLock(path, directory);
    // Whoever had it before may have removed the directory, and another one may stand there.
    if (tryLock(directory.fd) && lock.isThere()) return lock;
    lock[Symbol.dispose]();
    return null;
  }

  /** Whether the directory still stands where it stood. */
  isThere(): boolean {
    try {
      const [there, here] = [lstatSync(this.#path), this.#directory.stats()];
      return there.ino === here.ino && there.dev === here.dev;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}
