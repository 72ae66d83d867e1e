/**
 * Tools that are killed: whatever they were at, no byte of anyone's traffic is lost, `splice status` says
 * what state it found, and `splice down` cleans it up. CRASH_POINTS says at how many steps of each
 * command it is killed; 0 at every one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAMILIES } from '../../src/core/family.ts';
import type { Policy, Status } from '../../src/core/index.ts';
import { listKeys } from '../../src/core/map-elements.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { patience } from '../setup/patience.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf, type Pair, type Peers } from '../support/peers.ts';
import { openQueued } from '../support/queued.ts';

const TOOL = join(import.meta.dirname, '../support/step-child.ts');
const POINTS = Number(process.env.CRASH_POINTS ?? 3);

const OLD: Policy = { ports: [], excludePorts: [7, 9], excludeComms: ['both', 'old'], blockingReaders: 'leave' };
const NEW: Policy = { ports: [80, 443], excludePorts: [9, 25], excludeComms: ['both', 'new'], blockingReaders: 'stay' };

/** What is there before a command, and what it is told. */
interface Scene {
  argument: unknown;
  pairs: Pair[];
  /** Reads what was sent and not read before the command; whether all of it came. */
  read?: () => Promise<boolean>;
}

interface Command {
  prepare(bed: TestBed, peers: Peers): Promise<Scene>;
  /** What else must hold after the tool was killed. */
  check?(bed: TestBed, argument: unknown): Promise<void>;
}

const COMMANDS: Record<string, Command> = {
  up: {
    async prepare(bed, peers) {
      return { pairs: [await peers.open()], argument: { cgroups: [bed.cgroup], policy: NEW } };
    },
  },
  down: {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      return { pairs: [await redirecting(peers)], argument: {} };
    },
  },
  'down with an unread queue': {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      const { pair, read } = await openQueued(bed, peers);
      return { pairs: [pair, await redirecting(peers)], read, argument: { timeoutMs: 30 } };
    },
  },
  adopt: {
    async prepare(bed, peers) {
      const pairs = [await peers.open(), await peers.open('::1', '::1')];
      bed.splice.up({ cgroups: [bed.cgroup] });
      return { pairs, argument: null };
    },
    async check(bed) {
      bed.splice.adopt();
      expectNothingReserved(bed);
    },
  },
  del: {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      const { pair, keys, read } = await openQueued(bed, peers);
      return { pairs: [pair], read, argument: { key: keys.server, options: { timeoutMs: 30 } } };
    },
  },
  'del of what is read': {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      const pair = await redirecting(peers);
      return { pairs: [pair], argument: { key: keysOf(pair).server, options: {} } };
    },
  },
  put: {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      const pair = await redirecting(peers);
      const key = keysOf(pair).server;
      await bed.splice.del(key);
      const socket = { pid: peers.process.pid, fd: await peers.descriptor(pair.server) };
      return { pairs: [pair], argument: { key, socket } };
    },
    async check(bed, argument) {
      const { key, socket } = argument as { key: string; socket: { pid: number; fd: number } };
      // What is in the sockhash by now only lacks its record, which an adoption writes.
      bed.splice.adopt();
      if (bed.splice.lookup(key) === null) await bed.splice.put(key, socket);
      expectNothingReserved(bed);
    },
  },
  policy: {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup], policy: OLD });
      return { pairs: [await redirecting(peers)], argument: NEW };
    },
    async check(bed) {
      expect([OLD, NEW]).toContainEqual(bed.splice.policy());
    },
  },
  mode: {
    async prepare(bed, peers) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      bed.splice.setMode('bypass');
      return { pairs: [await peers.open()], argument: 'guarded' };
    },
  },
};

/** The next edit took in what a killed one did not, and no key stays reserved for nobody. */
function expectNothingReserved(bed: TestBed): void {
  const entries = bed.splice.entries();
  expect(entries.every(({ peer }) => peer)).toBe(true);
  expect(entries.length).toBeGreaterThan(0);
  using pinned = new PinnedMaps(bed.pin);
  const records = FAMILIES.flatMap(({ endpoints, keyWords }) => listKeys(pinned.fd(endpoints), 4 * keyWords));
  expect(records).toHaveLength(entries.length);
}

/** A connection on which messages are redirected. */
async function redirecting(peers: Peers): Promise<Pair> {
  const pair = await peers.open();
  await expectTraffic(peers, [pair]);
  return pair;
}

async function expectTraffic(peers: Peers, pairs: readonly Pair[]): Promise<void> {
  for (const { client, server } of pairs) {
    expect(await peers.exchange(client, server, 2, 1000)).toBe(true);
    expect(await peers.exchange(server, client, 2, 1000)).toBe(true);
  }
}

/** Runs a command until its step `step`; how many it took when it came to its end, null when it was killed. */
function kill(name: string, bed: TestBed, argument: unknown, step: number): number | null {
  const work = name.split(' ')[0] as string;
  const argv = [TOOL, String(step), work, bed.pin, JSON.stringify(argument)];
  const { signal, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (signal === 'SIGKILL') return null;
  if (!/^\d+\n$/.test(stdout)) throw new Error(stderr);
  return Number(stdout);
}

/** What it finds is one of the states that it may be in, and it says so. */
function expectStatus(bed: TestBed): void {
  let status: Status;
  try {
    status = bed.splice.status();
  } catch (error) {
    expect(error).toMatchObject({ code: 'HALF_DONE', message: expect.stringContaining('a command was cut short') });
    return;
  }
  if (!status.loaded) return;
  const { busy, halfDone } = bed.splice.condition();
  expect({ busy, redirecting: halfDone && !status.bypass }).toEqual({ busy: false, redirecting: false });
}

async function downIfUp(bed: TestBed): Promise<void> {
  try {
    expect(await bed.splice.down()).toMatchObject({ lostBytes: 0 });
  } catch (error) {
    expect(error).toMatchObject({ code: 'NOT_LOADED' });
  }
  expect(existsSync(bed.pin)).toBe(false);
}

describeKernel('a command that is killed at any step loses nothing, and down cleans up', () => {
  test.each(Object.entries(COMMANDS))('%s', { timeout: patience(600_000) }, async (name, { prepare, check }) => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    let killed = 0;
    const performAndKill = async (step: number) => {
      const { argument, pairs, read } = await prepare(bed, peers);
      const taken = kill(name, bed, argument, step);
      if (taken === null) killed++;
      expectStatus(bed);
      await check?.(bed, argument);
      if (read) expect(await read()).toBe(true);
      await expectTraffic(peers, pairs);
      await downIfUp(bed);
      await expectTraffic(peers, pairs);
      return taken ?? 0;
    };
    const steps = await performAndKill(Number.MAX_SAFE_INTEGER);
    const points = POINTS || steps;
    for (let point = 0; point < points; point++) await performAndKill(Math.floor((point * steps) / points));
    // One that waits looks now more often, and now less often.
    expect(killed).toBeGreaterThan(points / 2);
  });
});
