/** Taking entries out and putting them in while traffic runs. */
import { expect, test } from 'vitest';
import { SockKey } from '../../src/core/index.ts';
import { Inspector } from '../../src/core/inspector.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';

describeKernel('del', () => {
  test.each(['127.0.0.1', '::1'])('takes one entry out; the connection goes on by TCP: %s', async (address) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open('::', address);
    const keys = keysOf(pair, address);
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(await bed.splice.del(keys.server)).toEqual({ key: keys.server, lostBytes: 0 });
    expect(bed.splice.entries().map((entry) => entry.key)).toEqual([keys.client]);
    expect(bed.splice.lookup(keys.client)?.peer).toBe(false);
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(await peers.exchange(pair.server, pair.client, 5, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 5, passes: { noPeer: 5 } });
  });

  test('keeps an entry whose queue nobody reads, and says how many bytes wait', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.send(pair.client, 3, 1000);
    await until(() => bed.splice.lookup(keys.server)?.queuedBytes === 3000, 'the messages are queued');
    await expect(bed.splice.del(keys.server, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'NOT_DRAINED',
      message: expect.stringContaining('3000 redirected bytes'),
    });
    expect(await peers.receive(pair.server, 3, 1000)).toEqual({ bytes: 3000, equal: true });
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(5);
  });

  test('waits for the reader, and loses nothing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.send(pair.client, 3, 1000);
    await until(() => bed.splice.lookup(keys.server)?.queuedBytes === 3000, 'the messages are queued');
    const deleted = bed.splice.del(keys.server);
    expect(await peers.receive(pair.server, 3, 1000)).toEqual({ bytes: 3000, equal: true });
    expect(await deleted).toEqual({ key: keys.server, lostBytes: 0 });
  });

  test('drops what is queued when it is forced to, and says so', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { server } = keysOf(pair);
    await peers.send(pair.client, 3, 1000);
    await until(() => bed.splice.lookup(server)?.queuedBytes === 3000, 'the messages are queued');
    expect(await bed.splice.del(server, { force: true })).toEqual({ key: server, lostBytes: 3000 });
  });

  test('that was killed while it waited leaves nothing that the next command does not mend', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    {
      using pinned = new PinnedMaps(bed.pin);
      using inspector = new Inspector(pinned);
      inspector.drain(SockKey.from(keys.server), 'begin');
    }
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 0, passes: { bypass: 2 } });
    bed.splice.setMode('guarded');
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(2);
  });

  test('refuses on a naive splice, which cannot do it without loss, unless it is forced', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await using peers = bed.peers();
    const { server } = keysOf(await peers.open('127.0.0.1'));
    await expect(bed.splice.del(server)).rejects.toMatchObject({ code: 'NOT_LOSSLESS' });
    expect(await bed.splice.del(server, { force: true })).toEqual({ key: server, lostBytes: 0 });
  });

  test('says when there is no such entry', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await expect(bed.splice.del('10.0.0.1:1->10.0.0.2:2')).rejects.toMatchObject({ code: 'NO_ENTRY' });
  });
});

describeKernel('put', () => {
  test('puts a deleted entry back; it is redirected to once its reader has read by TCP', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const pid = peers.process.pid as number;
    for (const end of ['client', 'server'] as const) {
      expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
      await bed.splice.del(keys[end]);
      expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
      expect(await peers.exchange(pair.server, pair.client, 3, 64)).toBe(true);
      const entry = await bed.splice.put(keys[end], { pid, fd: await peers.descriptor(pair[end]) });
      expect(entry).toMatchObject({ key: keys[end], peer: true, redirects: 0 });

      const before = bed.splice.lookup(keys.client)?.redirects ?? 0;
      expect(await peers.exchange(pair.client, pair.server, 10, 64)).toBe(true);
      expect(await peers.exchange(pair.server, pair.client, 10, 64)).toBe(true);
      const { redirects = 0, passes } = bed.splice.lookup(keys.client) ?? {};
      expect(redirects - before).toBe(end === 'server' ? 9 : 10);
      expect(passes?.pair).toBe(0);
      expect(bed.splice.lookup(keys.server)?.redirects).toBeGreaterThanOrEqual(9);
    }
  });

  test.each(['127.0.0.1', '::1'])('takes in both ends of a connection that was there before: %s', async (address) => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const pair = await peers.open('::', address);
    const keys = keysOf(pair, address);
    const pid = peers.process.pid as number;
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
    bed.splice.up({ cgroups: [bed.cgroup] });
    for (const end of ['client', 'server'] as const) {
      await bed.splice.put(keys[end], { pid, fd: await peers.descriptor(pair[end]) });
    }
    expect(await peers.exchange(pair.client, pair.server, 10, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 9, passes: { order: 1, pair: 0 } });
  });

  test('refuses a socket that is not the one of the key, and changes nothing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const pid = peers.process.pid as number;
    const fd = await peers.descriptor(pair.client);
    const refused = (key: string, socket: { pid: number; fd: number }) => expect(bed.splice.put(key, socket)).rejects;
    await refused('10.0.0.1:1->10.0.0.2:2', { pid, fd }).toMatchObject({ message: expect.stringContaining('EBUSY') });
    await bed.splice.del(keys.client);
    await refused(keys.server, { pid, fd }).toMatchObject({ message: expect.stringContaining('EEXIST') });
    await refused(keys.server.replace(/\d+$/, '9'), { pid, fd }).toMatchObject({
      message: expect.stringContaining('not those of the key'),
    });
    await refused(keys.client, { pid, fd: 0 }).toMatchObject({ code: 'KERNEL_REFUSED' });
    await refused(keys.client, { pid, fd: 9999 }).toMatchObject({ code: 'NO_SUCH_SOCKET' });
    await refused(keys.client, { pid: 0, fd }).toMatchObject({ code: 'NO_SUCH_SOCKET' });
    await refused(keys.client, { pid: -1, fd }).toMatchObject({ code: 'BAD_OPTION' });
    expect(bed.splice.entries().map((entry) => entry.key)).toEqual([keys.server]);
  });
});
