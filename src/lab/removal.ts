/** Removes what a stage is made of, found by its name: in the end, and what a killed lab left. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSplice, SpliceError } from '../core/index.ts';
import { killCgroup, listCgroups, removeCgroup } from '../demo/demo-cgroup.ts';
import { listNamespaces, removeHosts } from '../demo/hosts.ts';

const SHAPE = /^(splice-lab-(\d+)-\d+)(?:-\d+)?$/;

const BUSY_TRIES = 100;
const BUSY_RETRY_MS = 100;

let count = 0;

/** A name that no other run has: it fits a directory of a bpffs, a cgroup and a network namespace. */
export function stageName(): string {
  return `splice-lab-${process.pid}-${++count}`;
}

/**
 * The stage a name belongs to, when the lab that made it is gone; null for a running lab's name, and
 * for anything else.
 */
export function deadStage(name: string, isRunning = (pid: number) => existsSync(`/proc/${pid}`)): string | null {
  const [, stage, pid] = SHAPE.exec(name) ?? [];
  return stage === undefined || isRunning(Number(pid)) ? null : stage;
}

/**
 * Removes a stage's processes, splice, cgroup and namespaces, as many of them as there are.
 * @throws SpliceError when something stays; the namespaces are removed all the same
 */
export async function removeStage(name: string, pin: string): Promise<void> {
  try {
    killCgroup(name);
    await removeSplice(pin);
    // A process that was being started when the others were killed.
    killCgroup(name);
    removeCgroup(name);
  } finally {
    removeHosts(name);
  }
}

/** Removes what labs left that were killed. `beside` is a pin directory; theirs are beside it. */
export async function removeLeftovers(beside: string): Promise<string[]> {
  const parent = dirname(resolve(beside));
  const seen = [...listCgroups(), ...listNamespaces(), ...(existsSync(parent) ? readdirSync(parent) : [])];
  const dead = [...new Set(seen.map((name) => deadStage(name)).filter((name) => name !== null))];
  for (const name of dead) await removeStage(name, join(parent, name));
  return dead;
}

/**
 * The sockets are closed by now, so nothing is lost. A run that was ended in the middle of an edit has
 * the lock until that is over.
 */
async function removeSplice(pin: string, tries = BUSY_TRIES): Promise<void> {
  try {
    await openSplice({ pin }).down({ force: true, timeoutMs: 0 });
  } catch (error) {
    if (!(error instanceof SpliceError) || !['BUSY', 'NOT_LOADED'].includes(error.code)) throw error;
    if (error.code === 'BUSY') {
      if (tries === 0) throw error;
      await sleep(BUSY_RETRY_MS);
      return removeSplice(pin, tries - 1);
    }
  }
  // What an `up` leaves that was killed before it was whole.
  rmSync(pin, { recursive: true, force: true });
}
