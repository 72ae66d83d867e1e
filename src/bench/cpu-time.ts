/** How much CPU time work took: that of its processes, and of the kernel's threads that do their network's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds that the processes of a cgroup have used since it was made. */
export function cgroupSeconds(cgroup: string): number {
  const usage = /^usage_usec (\d+)$/m.exec(readFileSync(join(cgroup, 'cpu.stat'), 'utf8'))?.[1];
  return Number(usage) / 1e6;
}

/** Finds the thread that does a CPU's deferred interrupt work when there is much of it. */
export function ksoftirqds(cpus: readonly number[]): number[] {
  const names = new Set(cpus.map((cpu) => `ksoftirqd/${cpu}`));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => names.has(commOf(pid)))
    .map(Number);
}

/** Seconds that threads have run; the first figure of /proc/PID/schedstat is nanoseconds. */
export function threadSeconds(pids: readonly number[]): number {
  const nanoseconds = pids.map((pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

function commOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
