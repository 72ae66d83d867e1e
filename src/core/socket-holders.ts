/**
 * Who has a socket open, in the pid namespace of this process. The iterators number processes as the machine
 * does; elsewhere such a number names another process, or none. There every descriptor is looked at instead,
 * and a socket is known by its cookie, whatever the numbers.
 */
import { readlinkSync } from 'node:fs';
import { listDirectory } from './bounded-file.ts';
import { SpliceError } from './errors.ts';
import { KernelError } from './kernel-error.ts';
import { inInitialNamespace } from './namespaces.ts';
import { NoAnswer, Outpost } from './outpost.ts';

/** A descriptor of a process, numbered as this process numbers it. */
interface Holder {
  pid: number;
  fd: number;
}

/** The number of a process that this one does not see: none has it. */
export const UNSEEN = 0;

/** A container has few; more are not looked at. */
const MOST_PROCESSES = 4096;
const MOST_DESCRIPTORS = 4096;

/** Whether the numbers of the iterators are those of this process; when that cannot be told, they are not. */
export function numbersProcessesAsMachine(): boolean {
  return inInitialNamespace('pid') === true;
}

/** The sockets of all processes that this one sees and may look into, by cookie. */
export function socketHolders(): Map<string, Holder[]> {
  const holders = new Map<string, Holder[]>();
  using outpost = new Outpost();
  for (const name of listOrNone('/proc', MOST_PROCESSES).filter((name) => /^\d+$/.test(name))) {
    for (const fd of listOrNone(`/proc/${name}/fd`, MOST_DESCRIPTORS)) {
      const holder = { pid: Number(name), fd: Number(fd) };
      const cookie = isSocket(name, fd) ? cookieOf(outpost, holder) : null;
      if (cookie !== null) holders.set(cookie, [...(holders.get(cookie) ?? []), holder]);
    }
  }
  return holders;
}

/** Null when it is gone, or not to be looked at. */
function cookieOf(outpost: Outpost, holder: Holder): string | null {
  try {
    return outpost.cookie(holder);
  } catch (error) {
    if (error instanceof KernelError || error instanceof NoAnswer || error instanceof SpliceError) return null;
    throw error;
  }
}

function isSocket(pid: string, fd: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}

/** Processes come and go, those of others cannot be looked at, and one with too many descriptors is not. */
function listOrNone(directory: string, most: number): string[] {
  try {
    return listDirectory(directory, most).map(({ name }) => name);
  } catch {
    return [];
  }
}
