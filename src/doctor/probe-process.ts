/** Runs one probe in a process of its own, which is gone when the answer is there, or too late. */
import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProbeName } from './probes.ts';

/** What the child says, a line each. */
export type ProbeReport = { wants: 'bypass' } | { failed: string } | Observation;

/** What a probe saw. */
export interface Observation {
  /** Whether the connection took the short way when the probe began. */
  spliced: boolean;
  saw: string;
}

const LONGEST_MS = 15_000;
const OWN_EXTENSION = extname(import.meta.filename);
const PROGRAM = join(import.meta.dirname, `probe-child${OWN_EXTENSION}`);

/**
 * Runs a probe on a new connection inside a cgroup.
 * @param bypass carries out the probe's wish that all goes by TCP
 * @throws Error when there is no answer
 */
export async function runProbe(name: ProbeName, cgroup: string, bypass: () => void): Promise<Observation> {
  const child = spawn(process.execPath, [PROGRAM, name, cgroup], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH },
    cwd: '/',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  // A child that cannot be started has no output either: the loop below says so.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const killer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const report = JSON.parse(line) as ProbeReport;
      if ('failed' in report) throw new Error(report.failed);
      if ('saw' in report) return report;
      bypass();
      child.stdin.write('done\n');
    }
    throw new Error('the probe ended without an answer, or was ended because it gave none');
  } finally {
    clearTimeout(killer);
    child.kill('SIGKILL');
    if (child.pid !== undefined) await ended;
  }
}
