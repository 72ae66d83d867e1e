/** Removes what a bench made, found by its name: in the end its own, at the start what a killed one left. */

import { existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { listNames, MOST_NAMES } from '../core/bounded-file.ts';
import { listCgroups } from '../host/cgroups.ts';
import { listNamespaces } from '../host/hosts.ts';
import { deadRun } from '../host/identity.ts';
import { removeRun, takeDownWhenFree } from '../host/removal.ts';
import { SPLICED, type SplicedVariant } from './variants.ts';

/** Where the files and sockets of servers are: only root can write here. */
const RUN = '/run';

/** The directory of a bench's files. */
export function filesOf(name: string): string {
  return join(RUN, name);
}

/**
 * Where a bench's splice is pinned.
 * @param beside a pin directory
 */
export function pinOf(name: string, variant: SplicedVariant, beside: string): string {
  return join(dirname(resolve(beside)), `${name}-${variant}`);
}

/**
 * Removes a bench's processes, splices, cgroups, hosts and files, as many of them as there are.
 * @param beside a pin directory: those of the bench are beside it
 * @throws SpliceError when something stays
 */
export async function removeBench(name: string, beside: string): Promise<void> {
  await removeRun(name, async () => {
    for (const variant of SPLICED) {
      const pin = pinOf(name, variant, beside);
      await takeDownWhenFree(pin);
      // What an `up` leaves that was killed before it was whole.
      rmSync(pin, { recursive: true, force: true });
    }
  });
  rmSync(filesOf(name), { recursive: true, force: true });
}

/**
 * Removes what benches left that were killed; a running one is not touched.
 * @returns their names
 */
export async function removeLeftovers(beside: string): Promise<string[]> {
  const parent = dirname(resolve(beside));
  const directories = [parent, RUN].filter((path) => existsSync(path)).flatMap((path) => listNames(path, MOST_NAMES));
  const seen = [...listCgroups(), ...listNamespaces(), ...directories];
  const dead = [...new Set(seen.map((each) => deadRun('bench', each)).filter((name) => name !== null))];
  for (const name of dead) await removeBench(name, beside);
  return dead;
}
