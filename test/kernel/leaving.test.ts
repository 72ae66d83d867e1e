/** Connections that leave the map by themselves: what is sent meanwhile arrives, and then it is plain TCP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { race } from '../support/racer.ts';

/** More than STREAM_MESSAGES and MOST_FALLBACKS of bpf/leave.h together. */
const STREAM = 60_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeKernel('a connection', () => {
  test.each(['127.0.0.1', '::1'])('that streams small messages one way leaves the map: %s', async (address) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open(address, address);
    using events = bed.splice.events();
    expect(await peers.stream(pair.client, pair.server, STREAM, 64)).toEqual({ bytes: STREAM * 64, equal: true });
    // One end leaves with a message that finds the queue empty, the other with one that goes by TCP, later.
    const leaves = async () => {
      expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
      return bed.splice.entries({ owners: false }).length === 0;
    };
    await until(leaves, 'both entries are gone');
    const { events: told } = events.read();
    const why = { leaveReason: 'smallMessages' };
    expect(told.filter(({ type }) => type === 'left')).toMatchObject([
      { key: keysOf(pair, address).server, ...why },
      { key: keysOf(pair, address).client, ...why },
    ]);

    const before = bed.splice.status();
    expect(before.loaded && before.totals.redirects).toBeGreaterThan(0);
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(await peers.exchange(pair.server, pair.client, 23, 64)).toBe(true);
    expect(bed.splice.status()).toEqual(before);
  });

  test('that streams large messages stays', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const [count, size] = [18_000, 16_384];
    expect(await peers.stream(pair.client, pair.server, count, size)).toEqual({ bytes: count * size, equal: true });
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBeGreaterThan(5);
    expect(bed.splice.lookup(keysOf(pair).server)).not.toBeNull();
  });

  test('whose small messages are answered stays', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    for (let round = 0; round < 4; round++) {
      expect(await peers.stream(pair.client, pair.server, 6000, 64)).toEqual({ bytes: 6000 * 64, equal: true });
      expect(await peers.exchange(pair.server, pair.client, 1, 64)).toBe(true);
    }
    expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBeGreaterThan(0);
  });

  test('that leaves while its other end sends loses nothing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const { rounds, failed, lost } = await race(bed.cgroup, folder, 'leaving-race', '5');
    expect({ failed, lost }).toEqual({ failed: 0, lost: 0 });
    expect(rounds).toBeGreaterThan(20);
  });
});
