/** How much CPU time work took: that of its processes, and of the kernel's threads that do their network's. */

import { join } from 'node:path';
import { listNames, MOST_NAMES, MOST_OF_PROC, readText } from '../core/bounded-file.ts';

/** Seconds that the processes of a cgroup have used since it was made. */
export function cgroupSeconds(cgroup: string): number {
  const usage = /^usage_usec (\d+)$/m.exec(readText(join(cgroup, 'cpu.stat'), MOST_OF_PROC))?.[1];
  return Number(usage) / 1e6;
}

/** Finds the thread that does a CPU's deferred interrupt work when there is much of it. */
export function ksoftirqds(cpus: readonly number[]): number[] {
  const names = new Set(cpus.map((cpu) => `ksoftirqd/${cpu}`));
  return listNames('/proc', MOST_NAMES)
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => names.has(commOf(pid)))
    .map(Number);
}

/** Seconds that threads have run; the first figure of /proc/PID/schedstat is nanoseconds. */
export function threadSeconds(pids: readonly number[]): number {
  const nanoseconds = pids.map((pid) => Number(readText(`/proc/${pid}/schedstat`, MOST_OF_PROC).split(' ')[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

function commOf(pid: string): string {
  try {
    return readText(`/proc/${pid}/comm`, MOST_OF_PROC).trim();
  } catch {
    return '';
  }
}
