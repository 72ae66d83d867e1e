/** The data path on the real kernel: who gets an entry, what is counted, what arrives. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf, Peers } from '../support/peers.ts';

const NO_PASSES = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };

describeKernel('a guarded splice', () => {
  test('lists both ends of a connection as long as it lives', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);

    const entries = bed.splice.entries();
    expect(entries.map((entry) => entry.key).sort()).toEqual([keys.client, keys.server].sort());
    for (const entry of entries) {
      expect(entry.toJSON()).toMatchObject({ state: 'ESTABLISHED', peer: true, queuedBytes: 0 });
      expect(entry.process).toMatchObject({ pid: peers.process.pid, cgroup: `/${bed.name}` });
      expect(entry.toJSON().process).toEqual({ pid: peers.process.pid, comm: expect.any(String) });
    }
    expect(bed.splice.peer(keys.client)?.key).toBe(keys.server);
    expect(bed.splice.lookup('127.0.0.1:1->127.0.0.1:2')).toBeNull();

    await peers.close(pair.client);
    await peers.close(pair.server);
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
  });

  test('shows a process name without what could steer a terminal', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await peers.open();
    await peers.rename('\u001b[2J\u001b[31m\u009bx\n');
    const comm = '\\x1b[2J\\x1b[31m\\x9bx\\x0a';
    expect(bed.splice.entries().map((entry) => entry.process?.comm)).toEqual([comm, comm]);
  });

  test('counts as many redirects as messages were sent', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(await peers.exchange(pair.server, pair.client, 7, 1000)).toBe(true);

    const keys = keysOf(pair);
    expect(bed.splice.lookup(keys.client)?.toJSON()).toMatchObject({
      redirects: 23,
      redirectBytes: 23 * 64,
      passes: NO_PASSES,
    });
    expect(bed.splice.lookup(keys.server)?.toJSON()).toMatchObject({
      redirects: 7,
      redirectBytes: 7000,
      passes: NO_PASSES,
    });
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 30, redirectBytes: 23 * 64 + 7000 } });
  });

  test('keeps the totals of connections that are gone', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 5, 10);
    await peers.close(pair.client);
    await peers.close(pair.server);
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
    expect(bed.splice.status()).toMatchObject({ map: { entries: 0 }, totals: { redirects: 5, redirectBytes: 50 } });
  });

  test.each([
    ['many small messages', 5000, 100],
    ['few large ones', 40, 300_000],
  ])('delivers a stream byte for byte: %s', async (_, count, size) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const streamed = await peers.stream(pair.client, pair.server, count, size);
    expect(streamed).toEqual({ bytes: count * size, equal: true });
    expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBeGreaterThan(0);
  });

  test('splices a server that listens on ::, whose sockets are IPv4 in IPv6 clothes', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open('::');
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(await peers.exchange(pair.server, pair.client, 23, 64)).toBe(true);
    const keys = keysOf(pair);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(23);
    expect(bed.splice.lookup(keys.server)?.redirects).toBe(23);
  });

  test('splices IPv6: entries, counts and order are the same', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open('::', '::1');
    const keys = keysOf(pair, '::1');
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(await peers.exchange(pair.server, pair.client, 7, 64)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.toJSON()).toMatchObject({
      key: keys.client,
      sip: '::1',
      peer: true,
      redirects: 23,
      redirectBytes: 23 * 64,
      passes: NO_PASSES,
      process: { pid: peers.process.pid },
    });
    expect(bed.splice.peer(keys.client)?.toJSON()).toMatchObject({ key: keys.server, redirects: 7 });
    expect(bed.splice.status()).toMatchObject({ map: { entries: 2 }, totals: { redirects: 30 } });
    const { bytes, equal } = await peers.stream(pair.client, pair.server, 40, 300_000);
    expect({ bytes, equal }).toEqual({ bytes: 12_000_000, equal: true });
    await peers.close(pair.client);
    await peers.close(pair.server);
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
  });

  test('lists both families together', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await peers.listen('::');
    const keys = [keysOf(await peers.pair('127.0.0.1')), keysOf(await peers.pair('::1'), '::1')];
    const listed = bed.splice.entries().map((entry) => entry.key);
    expect(listed.sort()).toEqual(keys.flatMap(({ client, server }) => [client, server]).sort());
    expect(await bed.splice.down()).toEqual({ removed: 4, lostBytes: 0 });
  });

  test('lets a socket whose peer is outside leave with what it sends after its first round trip, an acknowledgement here', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using outside = new Peers(null);
    await using inside = bed.peers();
    const { port } = await outside.listen();
    const far = outside.accepted();
    const near = await inside.connect(port);
    const server = await far;
    const key = `127.0.0.1:${near.port}->127.0.0.1:${port}`;
    expect(bed.splice.lookup(key)).toMatchObject({ peer: false });

    await inside.send(near, 1, 100);
    expect(await outside.receive(server, 1, 100)).toEqual({ bytes: 100, equal: true });
    await outside.send(server, 1, 100);
    expect(await inside.receive(near, 1, 100)).toEqual({ bytes: 100, equal: true });
    await until(() => bed.splice.lookup(key) === null, 'the bystander has left');
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 0, passes: { noPeer: 1 } } });
    await inside.send(near, 3, 100);
    expect(await outside.receive(server, 3, 100)).toEqual({ bytes: 300, equal: true });
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 0, passes: { noPeer: 1 } } });
  });

  test('never takes in the accepting end of a peer that is outside', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using outside = new Peers(null);
    await using inside = bed.peers();
    const { port } = await inside.listen();
    const accepted = inside.accepted();
    await outside.connect(port);
    await accepted;
    expect(bed.splice.entries()).toEqual([]);
  });

  test('goes on after the program that loaded it was killed', async () => {
    await using bed = new TestBed();
    const loader = spawn(
      process.execPath,
      [join(import.meta.dirname, '../support/up-and-wait.ts'), bed.pin, bed.cgroup],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(loader.stdout, 'data');
    loader.kill('SIGKILL');
    await once(loader, 'exit');

    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBe(23);
  });

  test('sends by TCP under bypass, in order, and redirects again after it', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client } = keysOf(pair);
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
    expect(bed.splice.setMode('bypass')).toBe('bypass');
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(bed.splice.lookup(client)).toMatchObject({ redirects: 3, passes: { bypass: 5 } });
    expect(bed.splice.setMode('guarded')).toBe('guarded');
    expect(await peers.exchange(pair.client, pair.server, 7, 64)).toBe(true);
    expect(bed.splice.lookup(client)?.redirects).toBe(10);
  });

  test('keeps to the order of sending while bytes that went by TCP are not read', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client } = keysOf(pair);
    bed.splice.setMode('bypass');
    await peers.send(pair.client, 1, 50);
    await until(() => bed.splice.lookup(client)?.passes.bypass === 1, 'the first message went by TCP');
    bed.splice.setMode('guarded');
    await peers.send(pair.client, 3, 50);
    await until(() => bed.splice.lookup(client)?.passes.order === 3, 'the others went behind it');
    expect(await peers.receive(pair.server, 1, 50)).toEqual({ bytes: 50, equal: true });
    expect(await peers.receive(pair.server, 3, 50)).toEqual({ bytes: 150, equal: true });
    expect(await peers.exchange(pair.client, pair.server, 2, 50)).toBe(true);
    expect(bed.splice.lookup(client)?.redirects).toBe(2);
  });

  test('holds a sender back when nobody reads, and loses nothing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const [count, size] = [120, 100_000];
    await peers.send(pair.client, count, size);
    await until(() => (bed.splice.lookup(keys.client)?.passes.backlog ?? 0) > 0, 'the queue is full');
    expect(bed.splice.lookup(keys.server)?.queuedBytes).toBeLessThanOrEqual(8 << 20);
    expect(await peers.receive(pair.server, count, size)).toEqual({ bytes: count * size, equal: true });
    expect(bed.splice.lookup(keys.server)?.queuedBytes).toBe(0);
  });
});

describeKernel('many messages that nobody reads', () => {
  test('weigh more than their bytes: the sender is held back, and nothing is lost', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client } = keysOf(pair);
    await peers.send(pair.client, 12_000, 1);
    await until(() => (bed.splice.lookup(client)?.passes.backlog ?? 0) > 0, 'the queue is full');
    expect(bed.splice.lookup(client)?.redirects).toBeLessThanOrEqual(8192);
    expect(await peers.receive(pair.server, 12_000, 1)).toEqual({ bytes: 12_000, equal: true });
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(bed.splice.lookup(client)?.redirects).toBeLessThanOrEqual(8197);
  });
});

describeKernel('a naive splice', () => {
  test('redirects what both ends of an IPv4 connection send', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await using peers = bed.peers();
    const pair = await peers.open('127.0.0.1');
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(bed.splice.lookup(keysOf(pair).client)).toMatchObject({ redirects: 23, redirectBytes: 23 * 64 });
    expect(bed.splice.status()).toMatchObject({ mode: 'naive', totals: { redirects: 23 } });
  });
});
