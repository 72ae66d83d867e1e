/** Finds out, by doing it, whether this machine and user can load eBPF and make cgroups. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCgroup2 } from '../../src/core/cgroup.ts';
import { listMounts } from '../../src/core/mounts.ts';

const BPFFS = '/sys/fs/bpf';
const BUILD = join(import.meta.dirname, '../../scripts/build-bpf.sh');
const PROBE = join(import.meta.dirname, 'probe.bpf.c');

/** Why kernel tests cannot run here, in one line; null when they can. */
export function probeKernel(): string | null {
  try {
    makeCgroup();
    loadProgram();
    return null;
  } catch (error) {
    return `${process.getuid?.() === 0 ? '' : 'not root: '}${reasonOf(error)}`;
  }
}

function makeCgroup(): void {
  const probe = join(findCgroup2(), `splice-probe-${process.pid}`);
  mkdirSync(probe);
  rmdirSync(probe);
}

function loadProgram(): void {
  if (!listMounts().some((mount) => mount.type === 'bpf' && mount.point === BPFFS)) {
    throw new Error(`bpffs is not mounted at ${BPFFS} (npm test, as root, mounts it)`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'splice-probe-'));
  const object = join(folder, 'probe.bpf.o');
  const pin = join(BPFFS, `splice-probe-${process.pid}`);
  try {
    run('bash', BUILD, PROBE, object);
    run('bpftool', 'prog', 'load', object, pin);
  } finally {
    rmSync(pin, { force: true });
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, ...args: string[]): void {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, LC_ALL: 'C' };
  execFileSync(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr ?? '').trim().split('\n');
  return (lines.find((line) => /^error/i.test(line)) ?? lines[0]) || message;
}
