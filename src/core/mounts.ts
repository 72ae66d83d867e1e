/** What is mounted where, from /proc/self/mountinfo (proc_pid_mountinfo(5)). */
import { MOST_OF_PROC, readText } from './bounded-file.ts';

/** A mount: its number, its file system's type and device (`0:31`), the point, and which directory of it is its root. */
export interface Mount {
  id: string;
  type: string;
  device: string;
  point: string;
  root: string;
}

/** The major and minor number of a device as stat(2) has it, as makedev(3) puts them together. */
export function deviceNumbers(device: number): [major: number, minor: number] {
  // The major number lies in bits 8 to 19, the minor in the lowest 8 and from bit 20 on.
  return [(device >>> 8) & 0xfff, (device & 0xff) | ((device >>> 12) & 0xfff00)];
}

/** Reads a mountinfo text, by default this process's own. */
export function listMounts(text = readText('/proc/self/mountinfo', MOST_OF_PROC)): Mount[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' - '))
    .map((line) => {
      const [left, right] = line.split(' - ') as [string, string];
      const fields = left.split(' ');
      return {
        id: fields[0] ?? '',
        type: right.split(' ')[0] ?? '',
        device: fields[2] ?? '',
        root: fromOctal(fields[3]),
        point: fromOctal(fields[4]),
      };
    });
}

/** What process 1 has mounted; null when its directory in /proc is hidden. */
function mountsOfInit(): Mount[] | null {
  try {
    return listMounts(readText('/proc/1/mountinfo', MOST_OF_PROC));
  } catch {
    return null;
  }
}

/**
 * The mounts of process 1 when this process is in another mount namespace, as in `ip netns exec`,
 * `unshare --mount` and some services; `same` in the same one, null when that cannot be told. The numbers
 * of mounts are the kernel's: two namespaces have none in common.
 */
export function otherMountsOfInit(): Mount[] | 'same' | null {
  const theirs = mountsOfInit();
  if (theirs === null) return null;
  const ids = new Set(theirs.map(({ id }) => id));
  return listMounts().some(({ id }) => ids.has(id)) ? 'same' : theirs;
}

/** Spaces and the like stand as three octal digits. */
function fromOctal(field = ''): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
