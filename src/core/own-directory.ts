/**
 * A directory of this user's, held open: what is done in it is done in the directory that was looked at,
 * whatever stands at its path meanwhile.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { listNames } from './bounded-file.ts';

/** A directory that is not this user's own, or is reached in a way that others may change. */
export class NotOwn extends Error {}

/** Ample for a pin directory: it has a name for each cgroup, and forty more. */
const MOST_PINS = 1 << 16;
const WRITABLE_BY_OTHERS = 0o022;

export class OwnDirectory implements Disposable {
  /** Open until it is disposed. */
  readonly fd: number;

  /** Use open(). */
  private constructor(fd: number) {
    this.fd = fd;
  }

  /**
   * @throws NotOwn when it belongs to another user, or a symbolic link is on the way to it; what open(2)
   * says, for instance ENOENT, or ENOTDIR for what is a symbolic link itself
   */
  static open(path: string): OwnDirectory {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    const opened = new OwnDirectory(openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    try {
      opened.#check(path);
      return opened;
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
  }

  /** A path to what has this name in it. */
  at(name: string): string {
    return `/proc/self/fd/${this.fd}/${name}`;
  }

  /** The names in it. @throws TooLarge */
  names(): string[] {
    return listNames(this.at('.'), MOST_PINS);
  }

  /** Whether others may put something into it. */
  get isOpenToOthers(): boolean {
    return (this.stats().mode & WRITABLE_BY_OTHERS) !== 0;
  }

  /** Takes it from all others: mode 0700. */
  closeToOthers(): void {
    fchmodSync(this.fd, 0o700);
  }

  /** What fstat(2) says of it. */
  stats(): Stats {
    return fstatSync(this.fd);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }

  #check(path: string): void {
    const { uid, nlink } = this.stats();
    if (nlink === 0) throw Object.assign(new Error(`${path} was removed`), { code: 'ENOENT' });
    if (uid !== process.geteuid?.()) throw new NotOwn(`it belongs to another user (uid ${uid})`);
    // The kernel says where it is: somewhere else than its path says when a link led there.
    if (readlinkSync(`/proc/self/fd/${this.fd}`) !== resolve(path)) {
      throw new NotOwn('a symbolic link is on the way to it');
    }
  }
}
