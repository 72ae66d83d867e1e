/** Nothing that another process chooses holds up a command, or the lock that it has. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { Hostile } from '../support/hostile.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';

/** A busy machine starts a process in seconds; what is kept waiting would wait for minutes. */
const MOST_MS = 15_000;

let folder: string;
beforeAll(() => {
  // Where an ordinary user can run it from.
  folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Fails when it takes as long as the other process likes. */
async function soon<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  const begin = performance.now();
  const value = await work();
  expect(performance.now() - begin).toBeLessThan(MOST_MS);
  return value;
}

describeKernel('a hostile neighbour', () => {
  test('whose sockets linger does not hold up an adoption, nor keep the lock', async () => {
    await using bed = new TestBed();
    await using hostile = new Hostile(bed.cgroup, folder, ['lingering', '64']);
    await hostile.said();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await soon(() => bed.splice.adopt());
    expect(bed.splice.condition().busy).toBe(false);
    await soon(() => bed.splice.adopt());
  });

  test('that keeps the lock of its socket is left out of an adoption; others are taken in', async () => {
    await using bed = new TestBed();
    await using hostile = new Hostile(bed.cgroup, folder, ['locked'], { asRoot: true });
    const [client = 0, fd = 0, server = 0] = await hostile.said();
    await using peers = bed.peers();
    const pair = await peers.open();
    bed.splice.up({ cgroups: [bed.cgroup] });
    hostile.begin();
    const [pid = 0] = await hostile.said();
    const key = `127.0.0.1:${client}->127.0.0.1:${server}`;
    const { keys, skipped } = await soon(() => bed.splice.adopt());
    expect(keys.toSorted()).toEqual(Object.values(keysOf(pair)).toSorted());
    expect(skipped).toHaveLength(1);
    await soon(() =>
      expect(bed.splice.put(key, { pid, fd })).rejects.toMatchObject({
        code: 'SOCKET_BUSY',
        message: expect.stringContaining(`process ${pid} keeps`),
      }),
    );
    expect(bed.splice.condition().busy).toBe(false);
  });

  test('who has many processes keeps us waiting once', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const pair = await peers.open();
    const all = new AsyncDisposableStack();
    await using _all = all;
    for (let count = 0; count < 6; count++) {
      const hostile = all.use(new Hostile(bed.cgroup, folder, ['locked'], { asRoot: true }));
      await hostile.said();
      hostile.begin();
      await hostile.said();
    }
    bed.splice.up({ cgroups: [bed.cgroup] });
    const { keys, skipped } = await soon(() => bed.splice.adopt());
    expect(keys.toSorted()).toEqual(Object.values(keysOf(pair)).toSorted());
    expect(skipped).toHaveLength(6);
  });

  test('that keeps the lock of a socket with an entry does not hold up listing and down', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using hostile = new Hostile(bed.cgroup, folder, ['locked'], { asRoot: true });
    await hostile.said();
    hostile.begin();
    await hostile.said();
    expect(await soon(() => bed.splice.entries())).toHaveLength(2);
    expect(await soon(() => bed.splice.down())).toMatchObject({ removed: 2 });
  });

  test('who fills a bucket of a map makes listing an error, not endless; down removes all of it', async () => {
    await using bed = new TestBed();
    // The program of the textbook takes everything in.
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive', maxEntries: 2048 });
    await using hostile = new Hostile(bed.cgroup, folder, ['crowding', '700']);
    await hostile.said();
    for (const list of [() => bed.splice.entries(), () => bed.splice.status(), () => bed.splice.snapshot()]) {
      await soon(() => expect(list).toThrow(expect.objectContaining({ code: 'MAP_CROWDED' })));
    }
    expect(await soon(() => bed.splice.down())).toEqual({ removed: 1402, lostBytes: 0 });
  });

  test('has a command line of gigabytes: its beginning is shown', async () => {
    await using bed = new TestBed();
    await using hostile = new Hostile(bed.cgroup, folder, ['cmdline', '3']);
    const [pid = 0] = await hostile.said();
    const before = process.memoryUsage.rss();
    const detail = await soon(() => bed.splice.processDetail(pid));
    expect(detail?.cmdline).toBe(`${'A'.repeat(4095)}…`);
    expect(process.memoryUsage.rss() - before).toBeLessThan(1 << 28);
    await until(() => bed.splice.processDetail(process.pid) !== null, 'it answers again');
  });
});
