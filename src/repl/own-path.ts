/** Whether nobody but a user, and root, can have put what a path leads to where it is. */
import { lstatSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
/** include/uapi/linux/magic.h */
const PROC_SUPER_MAGIC = 0x9fa0;

/**
 * Checks a directory and those above it. Each must be the user's or root's, and others may not write to it:
 * but to one like /tmp, in which nobody can replace, or mount over, what is another's.
 * @param path without symbolic links in it, as realpath(3) returns it
 * @throws Error that names the directory
 */
export function requireOwnPath(path: string, owner: number): void {
  // Its files are made by programs: the command line of one that runs as root is a file of root's.
  if (statfsSync(path).type === PROC_SUPER_MAGIC) throw new Error(`${path} is in a file system of the kernel's`);
  let below = lstatSync(path);
  for (let above = path, found = below; ; above = dirname(above), found = lstatSync(above)) {
    if (!found.isDirectory()) throw new Error(`${above} is not a directory`);
    if (found.uid !== 0 && found.uid !== owner) throw new Error(`${above} belongs to another user (uid ${found.uid})`);
    const isOpen = (found.mode & WRITABLE_BY_OTHERS) !== 0;
    const keepsOwners = (found.mode & STICKY) !== 0 && found.dev === below.dev;
    if (isOpen && !keepsOwners) throw new Error(`others may write to ${above}; chmod go-w helps`);
    if (above === dirname(above)) return;
    below = found;
  }
}
