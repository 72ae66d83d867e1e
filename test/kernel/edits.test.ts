/** Taking entries out and putting them in while traffic runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { openQueued, QUEUED_BYTES } from '../support/queued.ts';
import { run } from '../support/run.ts';

const TOOL = join(import.meta.dirname, '../stress/tool.ts');

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
    const { pair, keys, read } = await openQueued(bed, peers);
    await expect(bed.splice.del(keys.server, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'NOT_DRAINED',
      message: expect.stringContaining(`${QUEUED_BYTES} redirected bytes`),
    });
    expect(await read()).toBe(true);
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(5);
  });

  test('waits for the reader, and loses nothing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { keys, read } = await openQueued(bed, peers);
    const deleted = bed.splice.del(keys.server);
    expect(await read()).toBe(true);
    expect(await deleted).toEqual({ key: keys.server, lostBytes: 0 });
  });

  test('drops what is queued when it is forced to, and says so', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { server } = (await openQueued(bed, peers)).keys;
    expect(await bed.splice.del(server, { force: true })).toEqual({ key: server, lostBytes: QUEUED_BYTES });
  });

  test('ends when its signal aborts: the entry stays, and is redirected to again', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { pair, keys, read } = await openQueued(bed, peers);
    for (const abortAfterMs of [0, 50, 400]) {
      const controller = new AbortController();
      const deleted = bed.splice.del(keys.server, { signal: controller.signal });
      expect(bed.splice.condition()).toEqual({ busy: true, halfDone: false, draining: 1, removedCgroups: 0 });
      setTimeout(() => controller.abort(), abortAfterMs);
      await expect(deleted).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(bed.splice.condition()).toEqual({ busy: false, halfDone: false, draining: 0, removedCgroups: 0 });
    }
    await expect(bed.splice.del(keys.server, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(await read()).toBe(true);
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(5);
  });

  test('goes on when the splice object is closed meanwhile', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { keys, read } = await openQueued(bed, peers);
    const deleted = bed.splice.del(keys.server);
    bed.splice.close();
    expect(await read()).toBe(true);
    expect(await deleted).toEqual({ key: keys.server, lostBytes: 0 });
  });

  test.each(['mode', 'put', 'adopt', 'del'])('killed while it waits: status tells, and %s mends it', async (next) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { pair, keys, read } = await openQueued(bed, peers);
    const other = await peers.open();
    const tool = spawn(process.execPath, [TOOL, 'del', bed.pin, keys.server], { stdio: 'ignore' });
    await until(() => bed.splice.condition().draining === 1, 'the tool is at work');
    expect(run('splice', ['status', '--pin', bed.pin]).stderr).toMatch(/^note: another command is at work/);
    tool.kill('SIGKILL');
    await once(tool, 'exit');

    expect(await read()).toBe(true);
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 3, passes: { bypass: 2 } });
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: false, draining: 1, removedCgroups: 0 });
    const status = run('splice', ['status', '--pin', bed.pin]);
    expect(status.status).toBe(0);
    expect(status.stderr).toMatch(/^warning: a del was cut short: what is sent to 1 entry goes by TCP; .*\n$/);

    if (next === 'mode') bed.splice.setMode('guarded');
    if (next === 'adopt') bed.splice.adopt();
    if (next === 'del') await bed.splice.del(keysOf(other).server);
    if (next === 'put') {
      const socket = { pid: peers.process.pid as number, fd: await peers.descriptor(pair.client) };
      // It is in the map already.
      await expect(bed.splice.put(keysOf(other).client, socket)).rejects.toThrow();
    }
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(5);
    expect(run('splice', ['status', '--pin', bed.pin]).stderr).toBe('');
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
    const wrong = (part: string) => ({ code: 'WRONG_SOCKET', message: expect.stringContaining(part) });
    await refused('10.0.0.1:1->10.0.0.2:2', { pid, fd }).toMatchObject(wrong('not those of the key'));
    await refused(keys.server, { pid, fd }).toMatchObject(wrong(`the other end, ${keys.client}`));
    await refused(keys.client, { pid, fd }).toMatchObject({ message: expect.stringContaining('EEXIST') });
    const reasons = [];
    for (const other of readdirSync(`/proc/${pid}/fd`)) {
      reasons.push(await bed.splice.put(keys.client, { pid, fd: Number(other) }).catch((error) => error.message));
    }
    for (const what of ['not a socket', 'a socket, but not one of TCP', 'a TCP socket that listens', 'the other end']) {
      expect(reasons).toContainEqual(expect.stringContaining(what));
    }
    await bed.splice.del(keys.client);
    await refused(keys.client, { pid, fd: 9999 }).toMatchObject({ code: 'NO_SUCH_SOCKET' });
    await refused(keys.client, { pid: 0, fd }).toMatchObject({ code: 'NO_SUCH_SOCKET' });
    await refused(keys.client, { pid: -1, fd }).toMatchObject({ code: 'BAD_OPTION' });
    expect(bed.splice.entries().map((entry) => entry.key)).toEqual([keys.server]);
  });
});

describeKernel('the sockets without an entry', () => {
  test('are found by their key, with what put() needs', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { server } = keysOf(pair);
    expect(bed.splice.findSockets(server)).toEqual([]);
    const cookie = bed.splice.lookup(server)?.cookie;
    await bed.splice.del(server);
    const [found, ...more] = bed.splice.findSockets(server);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ pid: peers.process.pid, fd: await peers.descriptor(pair.server), cookie });
    await bed.splice.put(server, { pid: found?.pid ?? 0, fd: found?.fd ?? 0 });
    expect(bed.splice.lookup(server)?.cookie).toBe(cookie);
  });
});
