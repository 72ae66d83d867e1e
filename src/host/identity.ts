/** The name of one run, of the demo or its like: everything it makes carries it, so that leftovers can be told. */
import { MOST_OF_PROC, readText } from '../core/bounded-file.ts';

/** What makes hosts and cgroups for a while. */
export type RunKind = 'demo' | 'lab' | 'bench';

const SHAPE = /^splice-([a-z]+)-(\d+)-(\d+)(?:-[a-z0-9]+)*$/;

/**
 * `splice-demo-<pid>-<start>`: the process and when it started, in clock ticks since boot, because a
 * pid alone is given out again. Fits a directory of a bpffs, a cgroup and a network namespace; where
 * a run needs several, `-` and letters or digits follow.
 */
export function runName(kind: RunKind, pid: number = process.pid): string {
  return `splice-${kind}-${pid}-${startOf(pid)}`;
}

/**
 * The run a name belongs to, when that is over: for `splice-demo-812-5501-switch` it is
 * `splice-demo-812-5501`. Null while it goes on, for another kind's name, and for anything else.
 */
export function deadRun(kind: RunKind, name: string): string | null {
  const [, of, pid, start] = SHAPE.exec(name) ?? [];
  if (of !== kind || pid === undefined || start === undefined) return null;
  return startOf(Number(pid)) === start ? null : `splice-${kind}-${pid}-${start}`;
}

/** When a process started; null when there is none, or only what its parent has not reaped yet. */
function startOf(pid: number): string | null {
  let stat: string;
  try {
    stat = readText(`/proc/${pid}/stat`, MOST_OF_PROC);
  } catch {
    return null;
  }
  // The name in parentheses may itself have spaces and parentheses (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' ? null : (start ?? null);
}
