/** The name of one run of the demo: everything it makes carries it, so that leftovers can be told. */
import { readFileSync } from 'node:fs';

const SHAPE = /^splice-demo-(\d+)-(\d+)(?:-[a-z]+)?$/;

/**
 * `splice-demo-<pid>-<start>`: the process and when it started, in clock ticks since boot, because a
 * pid alone is given out again. Fits a directory of a bpffs, a cgroup and a network namespace.
 */
export function demoName(pid: number = process.pid): string {
  return `splice-demo-${pid}-${startOf(pid)}`;
}

/**
 * The demo a name belongs to, when that demo is no longer running: for `splice-demo-812-5501-switch`
 * it is `splice-demo-812-5501`. Null for a running demo's name, and for anything else.
 */
export function deadDemo(name: string): string | null {
  const [, pid, start] = SHAPE.exec(name) ?? [];
  if (pid === undefined || start === undefined) return null;
  return startOf(Number(pid)) === start ? null : `splice-demo-${pid}-${start}`;
}

/** When a process started; null when there is none, or only what its parent has not reaped yet. */
function startOf(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name in parentheses may itself have spaces and parentheses (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' ? null : (start ?? null);
}
