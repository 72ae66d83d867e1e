/** Runs once before all tests and once after them. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { probeKernel } from './kernel-probe.ts';
import { lookAround } from './leftovers.ts';
import { patience } from './patience.ts';
import { markedProcesses, markRun } from './run-mark.ts';

/** The kernel frees what a closed program held a little later, and vitest its workers. */
const PATIENCE_MS = patience(5_000);

export default function setup(project: TestProject): () => Promise<void> {
  project.provide('kernelReason', probeKernel());
  const before = lookAround();
  markRun();
  return () => refuseLeftovers(before);
}

/** @throws Error naming what the tests left behind, unless it may belong to somebody who is still at work */
async function refuseLeftovers(before: Set<string>): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  let left = findNew(before);
  while (left.length > 0 && Date.now() < until) {
    await sleep(100);
    left = findNew(before);
  }
  if (left.length === 0) return;
  const message = `the tests left this behind:\n${left.map((thing) => `  ${thing}`).join('\n')}`;
  const isOthers = markedProcesses().others.length > 0 || left.some(hasLivingOwner);
  if (!isOthers || process.env.CI === 'true') throw new Error(message);
  console.warn(`\nOther tests or demos are running on this machine; either they made this, or ${message}`);
}

/** Names have the process id of their maker in them. */
function hasLivingOwner(thing: string): boolean {
  const pid = / \S*splice-[a-z-]*(\d+)/.exec(thing)?.[1];
  return pid !== undefined && existsSync(`/proc/${pid}`);
}

function findNew(before: Set<string>): string[] {
  return [...lookAround()].filter((thing) => !before.has(thing)).concat(markedProcesses().own);
}
