/** Blocking calls, which Node.js never makes: where a reader sleeps decides what may be redirected. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { Blocking } from '../support/blocking.ts';
import { BlockingPair } from '../support/blocking-pair.ts';
import { TestBed, until } from '../support/kernel.ts';
import type { End } from '../support/peers.ts';

/** Long enough for a thread to fall asleep in a call that it has begun. */
const ASLEEP_MS = 100;

/** SETTLE_NS of bpf/leave.h, and more. */
const SETTLE_MS = 400;

const [A, B, C] = ['A', 'B', 'C'].map((letter) => letter.repeat(50)) as [string, string, string];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function redirects(bed: TestBed): number {
  const status = bed.splice.status();
  return status.loaded ? status.totals.redirects : -1;
}

describeKernel('a blocking reader', () => {
  test.each(['echo', 'sink'] as const)(
    'is woken by redirects, and is redirected to again after bytes by TCP: %s',
    async (way) => {
      await using bed = new TestBed();
      bed.splice.up({ cgroups: [bed.cgroup] });
      await using pair = new BlockingPair(bed.cgroup, folder, way);
      for (const mode of ['guarded', 'bypass', 'guarded'] as const) {
        bed.splice.setMode(mode);
        for (let message = 0; message < 7; message++) await pair.send();
      }
      // The first message after those by TCP may go by TCP, too; and the first answer.
      expect(redirects(bed)).toBeGreaterThanOrEqual(way === 'echo' ? 4 * 7 - 2 : 2 * 7 - 1);
    },
  );

  test.each(['stay', 'leave'] as const)(
    'that sleeps lets its connection %s, as the policy says',
    async (blockingReaders) => {
      await using bed = new TestBed();
      bed.splice.up({ cgroups: [bed.cgroup], policy: { blockingReaders } });
      using events = bed.splice.events();
      await using pair = new BlockingPair(bed.cgroup, folder, 'echo');
      for (let message = 0; message < 20; message++) await pair.send();
      // One end leaves with a message that finds the queue empty, the other a quarter of a second later.
      if (blockingReaders === 'leave') {
        await sleep(SETTLE_MS);
        await pair.send();
      }
      const left = events.read().events.filter(({ type }) => type === 'left');
      expect(left.map(({ leaveReason }) => leaveReason)).toEqual(
        blockingReaders === 'leave' ? ['sleepers', 'sleepers'] : [],
      );
      expect(bed.splice.entries({ owners: false })).toHaveLength(blockingReaders === 'leave' ? 0 : 2);
    },
  );

  test('with other threads gets all of it in order, redirected to only when it was seen awake', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using blocking = new Blocking(bed.cgroup);
    await blocking.open();
    for (const mode of ['guarded', 'bypass', 'guarded'] as const) {
      bed.splice.setMode(mode);
      for (let round = 0; round < 3; round++) {
        const before = blocking.received.length;
        await blocking.receive(100);
        await sleep(ASLEEP_MS);
        await blocking.send(A);
        await until(() => blocking.received.length > before, 'the reader has it');
      }
    }
    expect(blocking.received).toEqual(Array(9).fill(A));
    expect(redirects(bed)).toBeGreaterThanOrEqual(3);
  });

  test('that wants more than TCP brought gets the rest in order (MSG_WAITALL)', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using blocking = new Blocking(bed.cgroup);
    await blocking.open();
    bed.splice.setMode('bypass');
    await blocking.send(A);
    await sleep(ASLEEP_MS);
    await blocking.receive(100, true);
    await sleep(ASLEEP_MS);
    bed.splice.setMode('guarded');
    await blocking.send(B);
    await until(() => blocking.received.length === 1, 'the reader has both');
    await blocking.receive(50, true);
    await blocking.send(C);
    await until(() => blocking.received.length === 2, 'and what came after');
    expect(blocking.received).toEqual([A + B, C]);
  });

  test('sleeps on while its entry goes, and is woken by what comes by TCP then', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using blocking = new Blocking(bed.cgroup);
    const port = await blocking.open();
    const keyOf = (end: 'sport' | 'dport') => bed.splice.entries().find((entry) => entry[end] === port)?.key ?? '';
    const [server, client] = [keyOf('sport'), keyOf('dport')];
    for (const [text, edit] of [
      [A, () => bed.splice.del(server)],
      [B, () => bed.splice.del(client)],
      [C, () => bed.splice.down()],
    ] as const) {
      await blocking.receive(100);
      await sleep(ASLEEP_MS);
      await edit();
      await blocking.send(text);
      await until(() => blocking.received.at(-1) === text, 'the reader has it');
    }
    expect(blocking.received).toEqual([A, B, C]);
  });

  test('that is killed in its sleep ends the connection as with TCP, and leaves no entry', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    let client: End;
    {
      await using blocking = new Blocking(bed.cgroup);
      client = await peers.connect(await blocking.open());
      await blocking.accept();
      await peers.send(client, 1, 100);
      await blocking.receive(100);
      await until(() => blocking.received.length === 1, 'it reads');
      await blocking.receive(100);
      await sleep(ASLEEP_MS);
    }
    // What comes next is answered by a reset, which closes the sender's end.
    await peers.send(client, 2, 100);
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
  });

  test('reads the end of the stream, and nothing after it', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using blocking = new Blocking(bed.cgroup);
    await blocking.open();
    await blocking.send(A);
    await blocking.receive(100);
    await until(() => blocking.received.length === 1, 'the reader has it');
    expect(redirects(bed)).toBe(1);
    await blocking.end();
    await blocking.receive(100);
    await until(() => blocking.received.length === 2, 'the end');
    await expect(blocking.send(B)).rejects.toThrow('EPIPE');
    await blocking.receive(100);
    await until(() => blocking.received.length === 3, 'still the end');
    expect(blocking.received).toEqual([A, '', '']);
  });
});
