/** Removes what a run made, found by its name: in the end its own, at the start what a killed one left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openSplice, SpliceError } from '../core/index.ts';
import { killCgroup, removeCgroup } from './cgroups.ts';
import { removeHosts } from './hosts.ts';

const BUSY_TRIES = 100;
const BUSY_RETRY_MS = 100;

/**
 * Removes a run's processes, splices, cgroup and hosts, as many of them as there are.
 * @param takeDown removes its splices; by then its sockets are closed
 * @throws SpliceError when something stays; the hosts are removed all the same
 */
export async function removeRun(name: string, takeDown: () => Promise<void>): Promise<void> {
  try {
    killCgroup(name);
    await takeDown();
    // A process that was being started when the others were killed.
    killCgroup(name);
    removeCgroup(name);
  } finally {
    removeHosts(name);
  }
}

/**
 * Takes a splice down whose sockets are closed, so that nothing is lost. Somebody may have the lock for
 * a while: another run at the same leftover, an edit that is not over, a user's command.
 * @param isOurs asked again before each further try: meanwhile another may be up there
 */
export async function takeDownWhenFree(pin: string, isOurs = () => true): Promise<void> {
  for (let tries = BUSY_TRIES; ; tries--) {
    try {
      await openSplice({ pin }).down({ force: true, timeoutMs: 0 });
      return;
    } catch (error) {
      if (error instanceof SpliceError && error.code === 'NOT_LOADED') return;
      if (!(error instanceof SpliceError) || error.code !== 'BUSY' || tries === 0) throw error;
    }
    await sleep(BUSY_RETRY_MS);
    if (!isOurs()) return;
  }
}
