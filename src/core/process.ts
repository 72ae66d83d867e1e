/** What /proc tells of a process. */
import { closeSync, constants, openSync } from 'node:fs';
import { MOST_OF_PROC, readStart, readText } from './bounded-file.ts';
import { notPermitted } from './errors.ts';
import { printable } from './printable.ts';

/** How a process was started and where it belongs. Both are printable. */
export interface ProcessDetail {
  /** Its arguments with spaces between; empty for one that has none, such as a thread of the kernel. */
  cmdline: string;
  /** Its cgroup v2, as a path from the root of the hierarchy; empty when there is none. */
  cgroup: string;
}

/** A process can make its command line as long as it likes. */
const LONGEST_CMDLINE = 4096;

/**
 * The command line and the cgroup of a process; null when it is gone. Both are of one process: what
 * is read through its directory fails when it ends, whoever gets its number then. The command line lies in
 * the memory of the process, which can keep a reader waiting: for other people's processes ask an Outpost.
 */
export function processDetail(pid: number): ProcessDetail | null {
  let directory: number;
  try {
    directory = openSync(`/proc/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    return goneOrThrow(error);
  }
  const file = (name: string) => `/proc/self/fd/${directory}/${name}`;
  try {
    const cmdline = commandLine(readStart(file('cmdline'), LONGEST_CMDLINE + 1));
    return { cmdline, cgroup: cgroupV2(readText(file('cgroup'), MOST_OF_PROC)) };
  } catch (error) {
    return goneOrThrow(error);
  } finally {
    closeSync(directory);
  }
}

/** The user that a process runs as; null when it is gone. Unlike who owns its files in /proc, it cannot be hidden. */
export function userOf(pid: number): number | null {
  try {
    const uid = /^Uid:\t(\d+)/m.exec(readText(`/proc/${pid}/status`, MOST_OF_PROC))?.[1];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}

/** proc_pid_cmdline(5): each argument ends with a NUL, unless the program wrote over it. */
function commandLine(start: Buffer): string {
  const text = printable(start.toString().replace(/\0+$/, '').replaceAll('\0', ' '));
  const isWhole = start.length <= LONGEST_CMDLINE && text.length <= LONGEST_CMDLINE;
  return isWhole ? text : `${text.slice(0, LONGEST_CMDLINE - 1).trimEnd()}…`;
}

/** proc_pid_cgroup(5): the line of version 2 begins with `0::`. */
function cgroupV2(text: string): string {
  const line = text.split('\n').find((line) => line.startsWith('0::'));
  return printable(line?.slice('0::'.length) ?? '');
}

function goneOrThrow(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ESRCH') return null;
  if (code === 'EACCES' || code === 'EPERM')
    throw notPermitted('this user may not look at the process', { cause: error });
  throw error;
}
