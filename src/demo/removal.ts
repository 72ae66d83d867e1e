/** Removes what a demo made, found by its name: in the end its own, at the start what a killed one left. */

import { rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { listDirectory, MOST_NAMES } from '../core/bounded-file.ts';
import { defaultPin, openSplice, SpliceError } from '../core/index.ts';
import { listCgroups } from '../host/cgroups.ts';
import { listNamespaces } from '../host/hosts.ts';
import { deadRun } from '../host/identity.ts';
import { removeRun, takeDownWhenFree } from '../host/removal.ts';

/**
 * Removes a demo's processes, splice, cgroup and hosts, as many of them as there are. The splice goes
 * before the cgroup, because by its cgroups it is known.
 * @param pin where it may be pinned: there, beside it, or at or beside the default
 * @throws SpliceError when something stays; the hosts are removed all the same
 */
export async function removeDemo(name: string, pin: string): Promise<void> {
  await removeRun(name, async () => {
    for (const directory of pinsAround(pin)) await removeSplice(name, directory);
  });
}

/**
 * Removes what demos left that are no longer running; a running one is not touched.
 * @returns their names
 */
export async function removeLeftovers(pin: string): Promise<string[]> {
  const pins = pinsAround(pin);
  const seen = [...listNamespaces(), ...listCgroups(), ...pins.map((path) => basename(path)), ...pins.flatMap(demosAt)];
  const dead = [...new Set(seen.map((seenName) => deadRun('demo', seenName)).filter((name) => name !== null))];
  for (const name of dead) await removeDemo(name, pin);
  return dead;
}

/** The directories beside a pin and beside the default pin, themselves included. */
function pinsAround(pin: string): string[] {
  const parents = new Set([pin, defaultPin()].map((path) => dirname(resolve(path))));
  return [...parents].flatMap((parent) => {
    try {
      const entries = listDirectory(parent, MOST_NAMES);
      return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
    } catch {
      return [];
    }
  });
}

/** The names of the cgroups that a pinned splice is attached to; none when it is no splice of ours. */
function demosAt(pin: string): string[] {
  try {
    using splice = openSplice({ pin });
    const status = splice.status();
    return status.loaded ? status.cgroups.map((cgroup) => basename(cgroup)) : [];
  } catch (error) {
    if (error instanceof SpliceError) return [];
    throw error;
  }
}

/** Takes a splice down if it is this demo's alone. Its sockets are closed by now: nothing is lost. */
async function removeSplice(name: string, pin: string): Promise<void> {
  const cgroups = demosAt(pin);
  if (cgroups.length > 0 && cgroups.every((cgroup) => cgroup === name)) {
    await takeDownWhenFree(pin, () => demosAt(pin).includes(name));
  }
  if (basename(pin) === name) removeDirectory(pin);
}

/** An empty directory is what an `up` left that was killed at its very start. */
function removeDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
  }
}
