/** What /proc tells of a process. */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { notPermitted } from './errors.ts';
import { printable } from './printable.ts';

/** How a process was started and where it belongs. Both are printable. */
export interface ProcessDetail {
  /** Its arguments with spaces between; empty for one that has none, such as a thread of the kernel. */
  cmdline: string;
  /** Its cgroup v2, as a path from the root of the hierarchy; empty when there is none. */
  cgroup: string;
}

/** A command line can have megabytes. */
const LONGEST_CMDLINE = 4096;

/**
 * The command line and the cgroup of a process; null when it is gone. Both are of one process: what
 * is read through its directory fails when it ends, whoever gets its number then.
 */
export function processDetail(pid: number): ProcessDetail | null {
  let directory: number;
  try {
    directory = openSync(`/proc/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    return goneOrThrow(error);
  }
  const read = (name: string) => readFileSync(`/proc/self/fd/${directory}/${name}`, 'utf8');
  try {
    return { cmdline: commandLine(read('cmdline')), cgroup: cgroupV2(read('cgroup')) };
  } catch (error) {
    return goneOrThrow(error);
  } finally {
    closeSync(directory);
  }
}

/** proc_pid_cmdline(5): each argument ends with a NUL, unless the program wrote over it. */
function commandLine(text: string): string {
  const whole = printable(text.replace(/\0+$/, '').replaceAll('\0', ' '));
  return whole.length > LONGEST_CMDLINE ? `${whole.slice(0, LONGEST_CMDLINE - 1)}…` : whole;
}

/** proc_pid_cgroup(5): the line of version 2 begins with `0::`. */
function cgroupV2(text: string): string {
  const line = text.split('\n').find((line) => line.startsWith('0::'));
  return printable(line?.slice('0::'.length) ?? '');
}

function goneOrThrow(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ESRCH') return null;
  if (code === 'EACCES' || code === 'EPERM') throw notPermitted('this user may not look at the process', error);
  throw error;
}
