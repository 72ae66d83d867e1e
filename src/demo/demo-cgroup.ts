/**
 * The demo's own cgroup, the only one that it splices. Its processes live in two cgroups below it, so
 * that the services can be frozen while the latency is measured.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCgroup2, SpliceError } from '../core/index.ts';

const KILL_TIMEOUT_MS = 10_000;

export interface DemoCgroup {
  /** What is spliced; the others are in it. */
  path: string;
  services: string;
  latency: string;
}

/** @throws SpliceError NO_CGROUP2, NOT_PERMITTED */
export function makeCgroup(name: string): DemoCgroup {
  const path = join(findCgroup2(), name);
  const cgroup = { path, services: join(path, 'services'), latency: join(path, 'latency') };
  try {
    for (const directory of Object.values(cgroup)) mkdirSync(directory);
  } catch (cause) {
    throw new SpliceError(
      'NOT_PERMITTED',
      `the cgroup ${path} could not be made`,
      'the same as root, with sudo',
      cause,
    );
  }
  return cgroup;
}

/** Stops all processes of a cgroup where they are, or lets them go on. */
export function setFrozen(cgroup: string, frozen: boolean): void {
  writeFileSync(join(cgroup, 'cgroup.freeze'), frozen ? '1' : '0');
}

/** Ends every process in a demo's cgroup, and waits until they are gone. Nothing to do is fine. */
export function killCgroup(name: string): void {
  whileThere(name, kill);
}

/** Removes a demo's cgroup after its processes. Nothing to do is fine. */
export function removeCgroup(name: string): void {
  whileThere(name, (path) => {
    for (const child of listDirectories(path)) rmdirSync(join(path, child));
    rmdirSync(path);
  });
}

/** The names of the cgroups right below the mount: a demo's cgroup is one of them. */
export function listCgroups(): string[] {
  return listDirectories(findCgroup2());
}

function kill(path: string): void {
  writeFileSync(join(path, 'cgroup.kill'), '1');
  for (let waited = 0; isPopulated(path); waited += 5) {
    if (waited > KILL_TIMEOUT_MS) {
      throw new SpliceError('DEMO_FAILED', `processes in ${path} do not end`, 'the next demo removes them');
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** Another demo that starts now may remove the same leftover: what is gone needs no more work. */
function whileThere(name: string, action: (path: string) => void): void {
  const path = join(findCgroup2(), name);
  try {
    if (existsSync(path)) action(path);
  } catch (error) {
    if (existsSync(path)) throw error;
  }
}

function listDirectories(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function isPopulated(path: string): boolean {
  return readFileSync(join(path, 'cgroup.events'), 'utf8').includes('populated 1');
}
