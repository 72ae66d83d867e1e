/** Removes what a stage is made of, found by its name: in the end, and what a killed lab left. */

import { existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { listNames, MOST_NAMES } from '../core/bounded-file.ts';
import { listCgroups } from '../host/cgroups.ts';
import { listNamespaces } from '../host/hosts.ts';
import { deadRun, runName } from '../host/identity.ts';
import { removeRun, takeDownWhenFree } from '../host/removal.ts';

let count = 0;

/** A name that no other run has: it fits a directory of a bpffs, a cgroup and a network namespace. */
export function stageName(): string {
  return `${runName('lab')}-${++count}`;
}

/**
 * The stage a name belongs to, when the lab that made it is gone; null for a running lab's name, and
 * for anything else.
 */
export function deadStage(name: string): string | null {
  const run = deadRun('lab', name);
  if (run === null) return null;
  const [, number] = /^-(\d+)(?:-\d+)?$/.exec(name.slice(run.length)) ?? [];
  return number === undefined ? null : `${run}-${number}`;
}

/**
 * Removes a stage's processes, splice, cgroup and namespaces, as many of them as there are.
 * @throws SpliceError when something stays; the namespaces are removed all the same
 */
export async function removeStage(name: string, pin: string): Promise<void> {
  await removeRun(name, async () => {
    await takeDownWhenFree(pin);
    // What an `up` leaves that was killed before it was whole.
    rmSync(pin, { recursive: true, force: true });
  });
}

/** Removes what labs left that were killed. `beside` is a pin directory; theirs are beside it. */
export async function removeLeftovers(beside: string): Promise<string[]> {
  const parent = dirname(resolve(beside));
  const seen = [...listCgroups(), ...listNamespaces(), ...(existsSync(parent) ? listNames(parent, MOST_NAMES) : [])];
  const dead = [...new Set(seen.map(deadStage).filter((name) => name !== null))];
  for (const name of dead) await removeStage(name, join(parent, name));
  return dead;
}
