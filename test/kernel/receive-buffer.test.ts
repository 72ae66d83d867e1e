/** What waits for a reader that does not read: never more than its receive buffer allows. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { defaultQueueLimit } from '../../src/core/queue-limit.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf, type Pair, type Peers } from '../support/peers.ts';

/** What the kernel takes for each message in the queue besides its bytes: a struct sk_msg, in kmalloc-1k. */
const BESIDES = 1024;
const MESSAGES = 20_000;

/**
 * Sends to a reader that does not read until the queue is full; what is in it then, in bytes, with
 * what its messages take besides.
 */
async function fill(bed: TestBed, peers: Peers, pair: Pair, count: number, size: number): Promise<number> {
  const keys = keysOf(pair);
  await peers.send(pair.client, count, size);
  await until(() => (bed.splice.lookup(keys.client)?.passes.backlog ?? 0) > 0, 'the queue is full');
  const queued = bed.splice.lookup(keys.server)?.queuedBytes ?? 0;
  expect(bed.splice.lookup(keys.client)?.redirectBytes).toBe(queued);
  return queued + (bed.splice.lookup(keys.client)?.redirects ?? 0) * BESIDES;
}

describeKernel('the queue of a reader that does not read', () => {
  test.each([16 << 10, 100_000, 1 << 20])('keeps to SO_RCVBUF: %i bytes', async (wanted) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const limit = await peers.receiveBuffer(pair.server, wanted);
    expect(limit).toBe(2 * wanted);

    // No more than it takes: with a window below its segment size TCP is slow, spliced or not.
    const size = 3000;
    const count = Math.ceil((2 * limit) / size);
    const used = await fill(bed, peers, pair, count, size);
    expect(used).toBeLessThanOrEqual(limit);
    expect(used).toBeGreaterThan(limit - size - 2 * BESIDES);
    expect(await peers.receive(pair.server, count, size)).toEqual({ bytes: count * size, equal: true });
    await expectRedirects(bed, peers, pair);
  });

  test('keeps to the default otherwise: what TCP may have, or 8 MiB', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    using pinned = new PinnedMaps(bed.pin);
    const limit = pinned.settings().queueLimit;
    expect(limit).toBe(defaultQueueLimit());
    await using peers = bed.peers();
    const pair = await peers.open();
    const [count, size] = [120, 100_000];
    const used = await fill(bed, peers, pair, count, size);
    expect(used).toBeLessThanOrEqual(limit);
    expect(used).toBeGreaterThan(limit - size - 2 * BESIDES);
    expect(await peers.receive(pair.server, count, size)).toEqual({ bytes: count * size, equal: true });
    await expectRedirects(bed, peers, pair);
  });

  test('counts what messages of one byte take besides', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const limit = await peers.receiveBuffer(pair.server, 256 << 10);
    const count = 10_000;
    const used = await fill(bed, peers, pair, count, 1);
    expect(used).toBeLessThanOrEqual(limit);
    expect(used).toBeGreaterThan(limit - 2 * BESIDES);
    expect(await peers.receive(pair.server, count, 1)).toEqual({ bytes: count, equal: true });
    await expectRedirects(bed, peers, pair);
  });

  test.each([
    ['guarded', 0, MESSAGES / 4],
    ['naive', (3 * MESSAGES) / 4, 2 * MESSAGES],
  ] as const)('%s: so the memory that it pins, as the slab allocator counts it', async (mode, least, most) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode });
    await using peers = bed.peers();
    let pinned = Number.NaN;
    // Others take and give back memory at the same time.
    for (let tries = 0; tries < 3 && !(pinned >= least && pinned <= most); tries++) {
      const pair = await peers.open('127.0.0.1');
      await peers.receiveBuffer(pair.server, 256 << 10);
      const before = objectsInSlab();
      await peers.send(pair.client, MESSAGES, 1);
      await until(() => sentOf(bed, keysOf(pair).client) > MESSAGES / 2, 'it is sent');
      pinned = objectsInSlab() - before;
      expect(await peers.receive(pair.server, MESSAGES, 1)).toEqual({ bytes: MESSAGES, equal: true });
    }
    expect(pinned).toBeGreaterThanOrEqual(least);
    expect(pinned).toBeLessThanOrEqual(most);
  });

  test('does not take one message that is larger than all of it', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.receiveBuffer(pair.server, 32 << 10);
    await peers.send(pair.client, 1, 300_000);
    const { client } = keysOf(pair);
    await until(() => (bed.splice.lookup(client)?.passes.backlog ?? 0) > 0, 'the message went by TCP');
    expect(bed.splice.lookup(client)?.redirects).toBe(0);
    expect(await peers.receive(pair.server, 1, 300_000)).toEqual({ bytes: 300_000, equal: true });
    await expectRedirects(bed, peers, pair);
  });

  test('is counted anew as it is read: it never looks fuller than it is', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const limit = await peers.receiveBuffer(pair.server, 1 << 20);
    // The reader stays this far behind, more than Node.js reads ahead: its queue is never seen empty.
    const behind = 300;
    for (let sent = 0; sent < behind; sent++) await peers.send(pair.client, 1, 1000);
    const rounds = limit / BESIDES;
    for (let round = 0; round < rounds; round++) {
      await peers.send(pair.client, 1, 1000);
      expect(await peers.receive(pair.server, 1, 1000)).toEqual({ bytes: 1000, equal: true });
    }
    const { client, server } = keysOf(pair);
    expect(bed.splice.lookup(client)).toMatchObject({ redirects: behind + rounds, passes: { backlog: 0, order: 0 } });
    expect(bed.splice.lookup(server)?.queuedBytes).toBeGreaterThan(0);
  });
});

/** How many objects of the size of a queued message the kernel has, in caches of whichever name. */
function objectsInSlab(): number {
  const caches = readFileSync('/proc/slabinfo', 'utf8').matchAll(/^kmalloc(?:-rnd-\d+)?-1k +(\d+)/gm);
  return [...caches].reduce((sum, [, active]) => sum + Number(active), 0);
}

/** How many messages a socket was done with, one way or the other. */
function sentOf(bed: TestBed, key: string): number {
  const { redirects = 0, passes } = bed.splice.lookup(key) ?? {};
  return redirects + Object.values(passes ?? {}).reduce((sum, count) => sum + count, 0);
}

/** Once the reader has caught up, messages are redirected again. */
async function expectRedirects(bed: TestBed, peers: Peers, pair: Pair): Promise<void> {
  const redirects = () => bed.splice.lookup(keysOf(pair).client)?.redirects ?? 0;
  const before = redirects();
  expect(await peers.exchange(pair.client, pair.server, 3, 100)).toBe(true);
  expect(redirects()).toBe(before + 3);
}
