/** Taking in connections that were there before the splice. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { FAMILIES } from '../../src/core/family.ts';
import { SockKey } from '../../src/core/index.ts';
import { ENDPOINT_RESERVED, LAYOUT } from '../../src/core/layout.ts';
import { BPF_ANY, listKeys, lookupElement, updateElement } from '../../src/core/map-elements.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf, Peers } from '../support/peers.ts';

describeKernel('adopt', () => {
  test.each(['127.0.0.1', '::1'])('takes in both ends of every connection: %s', async (address) => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    await peers.listen('::');
    const pairs = [await peers.pair(address), await peers.pair(address), await peers.pair(address)];
    for (const pair of pairs) expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(bed.splice.adopt()).toMatchObject({ adopted: 3, skipped: [] });
    for (const pair of pairs) {
      expect(await peers.exchange(pair.client, pair.server, 10, 64)).toBe(true);
      expect(await peers.exchange(pair.server, pair.client, 10, 64)).toBe(true);
      const keys = keysOf(pair, address);
      // The first goes by TCP: its reader may have been asleep where a redirect does not wake it.
      expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 9, passes: { order: 1, pair: 0 } });
      expect(bed.splice.lookup(keys.server)).toMatchObject({ redirects: 9, passes: { order: 1, pair: 0 } });
    }
    expect(bed.splice.adopt()).toMatchObject({ adopted: 0, skipped: [] });
  });

  test('takes in one end whose other end has an entry', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    for (const end of ['client', 'server'] as const) {
      const pair = await peers.open();
      const keys = keysOf(pair);
      await bed.splice.del(keys[end]);
      expect(bed.splice.adopt()).toEqual({ adopted: 1, keys: [keys[end]], skipped: [] });
      expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
      expect(await peers.exchange(pair.server, pair.client, 5, 64)).toBe(true);
      expect(bed.splice.lookup(keys.client)?.redirects).toBeGreaterThanOrEqual(4);
      expect(bed.splice.lookup(keys.server)?.redirects).toBeGreaterThanOrEqual(4);
    }
  });

  test('gives back the key that a tool had reserved when it was killed', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    using pinned = new PinnedMaps(bed.pin);
    const records = FAMILIES.map(({ endpoints, keyWords }) => [pinned.fd(endpoints), 4 * keyWords] as const);
    const reserved = Buffer.alloc(LAYOUT.endpoint_record.size);
    reserved.writeUInt32LE(ENDPOINT_RESERVED, LAYOUT.endpoint.fields.flags);
    for (const [fd, size] of records) updateElement(fd, Buffer.alloc(size, 7), reserved, BPF_ANY);
    expect(bed.splice.adopt()).toMatchObject({ adopted: 0 });
    expect(records.map(([fd, size]) => listKeys(fd, size))).toEqual([[], []]);
  });

  test('loses and reorders nothing of a transfer that is running', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const pair = await peers.open();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const [count, size] = [4000, 10_000];
    const transfer = peers.stream(pair.client, pair.server, count, size);
    const { adopted } = bed.splice.adopt();
    expect(adopted).toBe(1);
    expect(await transfer).toEqual({ bytes: count * size, equal: true });
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBeGreaterThan(0);
  });

  test('forgets adopted sockets when they are closed, and their keys are free again', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const pair = await peers.open();
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(bed.splice.adopt().adopted).toBe(1);
    using pinned = new PinnedMaps(bed.pin);
    const isRemembered = (key: string) =>
      lookupElement(pinned.fd('endpoints'), SockKey.from(key).encode(), Buffer.alloc(LAYOUT.endpoint_record.size));
    const keys = Object.values(keysOf(pair));
    expect(keys.map(isRemembered)).toEqual([true, true]);
    await peers.close(pair.client);
    await peers.close(pair.server);
    await until(() => {
      bed.splice.adopt();
      return !keys.some(isRemembered);
    }, 'the records are gone');
  });

  test('is not for naive', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    expect(() => bed.splice.adopt()).toThrow(/naive redirects to an adopted socket at once/);
  });

  test('leaves connections alone that have only one end in the cgroups', async () => {
    await using bed = new TestBed();
    await using outside = new Peers(null);
    await using inside = bed.peers();
    const { port } = await outside.listen();
    const accepted = outside.accepted();
    await inside.connect(port);
    await accepted;
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(bed.splice.adopt()).toMatchObject({ adopted: 0, skipped: [] });
    expect(bed.splice.entries()).toEqual([]);
  });

  test('does it in the network namespaces of other processes', async () => {
    await using bed = new TestBed();
    const namespace = `${bed.name}-ns`;
    execFileSync('ip', ['netns', 'add', namespace]);
    try {
      execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
      await using peers = bed.peers(['ip', 'netns', 'exec', namespace]);
      const pair = await peers.open();
      bed.splice.up({ cgroups: [bed.cgroup] });
      expect(bed.splice.adopt()).toMatchObject({ adopted: 1, skipped: [] });
      expect(await peers.exchange(pair.client, pair.server, 10, 64)).toBe(true);
      expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBe(9);
    } finally {
      execFileSync('ip', ['netns', 'del', namespace]);
    }
  });
});

describeKernel('put', () => {
  test('beside a bystander makes it a peer: what is redirected to it stays', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using outside = new Peers(null);
    await using inside = bed.peers();
    const { port } = await outside.listen();
    const accepted = outside.accepted();
    const client = await inside.connect(port);
    const server = await accepted;
    const { server: key } = keysOf({ client, server });
    await bed.splice.put(key, { pid: outside.process.pid as number, fd: await outside.descriptor(server) });
    // The client end is not adopted, so this is redirected; its own send then goes by TCP and back.
    await outside.send(server, 1, 8);
    await inside.send(client, 1, 100);
    expect(await outside.receive(server, 1, 100)).toEqual({ bytes: 100, equal: true });
    expect(await inside.receive(client, 1, 8)).toEqual({ bytes: 8, equal: true });
    expect(bed.splice.lookup(key)?.redirects).toBe(1);
  });
});
