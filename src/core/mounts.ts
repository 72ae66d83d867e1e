/** What is mounted where, from /proc/self/mountinfo (proc_pid_mountinfo(5)). */
import { MOST_OF_PROC, readText } from './bounded-file.ts';

/** A mount: its file system type, the point, and which directory of that file system is its root. */
export interface Mount {
  type: string;
  point: string;
  root: string;
}

/** Reads a mountinfo text, by default this process's own. */
export function listMounts(text = readText('/proc/self/mountinfo', MOST_OF_PROC)): Mount[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' - '))
    .map((line) => {
      const [left, right] = line.split(' - ') as [string, string];
      const fields = left.split(' ');
      return { type: right.split(' ')[0] ?? '', root: fromOctal(fields[3]), point: fromOctal(fields[4]) };
    });
}

/** Spaces and the like stand as three octal digits. */
function fromOctal(field = ''): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
