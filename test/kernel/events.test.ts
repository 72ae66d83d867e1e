import { expect, test } from 'vitest';
import type { SpliceEvent } from '../../src/core/index.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf, type Pair, Peers } from '../support/peers.ts';
import { outline, readAll } from '../support/told.ts';

describeKernel('events', () => {
  test.each([
    ['IPv4', '127.0.0.1'],
    ['IPv6', '::1'],
  ])('tell the life of a connection: %s', async (_, host) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    using reader = bed.splice.events();
    expect(reader.read()).toEqual({ events: [], lost: 0 });

    const before = Date.now();
    const pair = await peers.open(host, host);
    const keys = keysOf(pair, host);
    await peers.exchange(pair.client, pair.server, 5, 64);
    await peers.exchange(pair.server, pair.client, 5, 64);
    const opening = readAll(reader);
    expect(outline(opening, keys)).toEqual([
      'client opened',
      'server opened',
      'client firstRedirect',
      'server firstRedirect',
    ]);
    const cookies = [keys.client, keys.server].map((key) => bed.splice.lookup(key)?.cookie);
    expect(opening.map(({ cookie }) => cookie)).toEqual([...cookies, ...cookies]);
    for (const { atMs, turnaroundUs } of opening) {
      expect(atMs).toBeGreaterThanOrEqual(before - 1);
      expect(atMs).toBeLessThanOrEqual(Date.now() + 1);
      expect(turnaroundUs).toBeNull();
    }

    bed.splice.setMode('bypass');
    await peers.exchange(pair.client, pair.server, 3, 64);
    bed.splice.setMode('guarded');
    await new Promise((resolve) => setTimeout(resolve, 150));
    await peers.exchange(pair.client, pair.server, 3, 64);
    expect(outline(readAll(reader), keys)).toEqual(['client fellBack bypass', 'client backToRedirect']);

    await peers.close(pair.client);
    await peers.close(pair.server);
    const closing: SpliceEvent[] = [];
    await until(() => closing.push(...readAll(reader)) === 2, 'both are closed');
    expect(outline(closing, keys).sort()).toEqual(['client closed', 'server closed']);
    expect(closing.map(({ cookie }) => cookie).sort()).toEqual(cookies.toSorted());
  });

  test('tell of many connections, of each one once and in order', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await peers.listen();
    using reader = bed.splice.events();
    const count = 101;
    const lives = new Map<string, string[]>();
    const gather = () => {
      for (const { cookie, type } of readAll(reader)) lives.set(cookie, [...(lives.get(cookie) ?? []), type]);
    };
    for (let turn = 0; turn < count; turn++) {
      const pair = await peers.pair();
      await peers.exchange(pair.client, pair.server, 2, 64);
      await peers.close(pair.client);
      await peers.close(pair.server);
      if (turn % 7 === 0) gather();
    }
    await until(() => {
      gather();
      return [...lives.values()].filter((life) => life.at(-1) === 'closed').length === 2 * count;
    }, 'all are closed');
    const told = [...lives.values()].map((life) => life.join()).sort();
    expect(told.slice(0, count)).toEqual(new Array(count).fill('opened,closed'));
    expect(told.slice(count)).toEqual(new Array(count).fill('opened,firstRedirect,closed'));
  });

  test('tell that an entry left because its peer is not here', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using outside = new Peers(null);
    await using inside = bed.peers();
    using reader = bed.splice.events();
    const { port } = await outside.listen();
    const accepted = outside.accepted();
    const client = await inside.connect(port);
    const server = await accepted;
    await inside.send(client, 1, 64);
    await outside.send(server, 1, 64);
    const events: SpliceEvent[] = [];
    await until(() => events.push(...readAll(reader)) === 2, 'it left');
    const key = `127.0.0.1:${client.port}->127.0.0.1:${port}`;
    expect(events).toMatchObject([
      { type: 'opened', key, reason: null },
      { type: 'closed', key, reason: 'noPeer' },
    ]);
  });

  test('do not flood: a flow that goes to and fro is told of ten times a second at most', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.exchange(pair.client, pair.server, 1, 64);
    using reader = bed.splice.events();
    const began = performance.now();
    for (let turn = 0; turn < 50; turn++) {
      bed.splice.setMode(turn % 2 ? 'guarded' : 'bypass');
      await peers.exchange(pair.client, pair.server, 1, 64);
    }
    const tookMs = performance.now() - began;
    const told = readAll(reader);
    expect(told.length).toBeLessThanOrEqual(1 + tookMs / 100);
    const expected = told.map((_, index) => (index % 2 ? 'client backToRedirect' : 'client fellBack bypass'));
    expect(outline(told, keys)).toEqual(expected);
    expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 26, passes: { bypass: 25 } });
  });

  test('of messages are for the reader that traces, and of that connection only', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const stranger = await peers.pair();
    using reader = bed.splice.events();
    using other = bed.splice.events();
    reader.trace(keys.client, true);

    await peers.exchange(pair.client, pair.server, 2, 64);
    await peers.exchange(stranger.client, stranger.server, 2, 64);
    bed.splice.setMode('bypass');
    await peers.exchange(pair.server, pair.client, 1, 100);
    const traced = readAll(reader);
    expect(outline(traced, keys)).toEqual([
      'client firstRedirect',
      'client message 64',
      'client message 64',
      `${keysOf(stranger).client} firstRedirect`,
      'server message bypass 100',
    ]);
    const messages = traced.filter(({ type }) => type === 'message');
    expect(messages.map(({ turnaroundUs }) => turnaroundUs !== null)).toEqual([false, false, true]);
    const [asked = 0, answered = 0] = messages.slice(1).map(({ atMs }) => atMs);
    expect(messages[2]?.turnaroundUs).toBeCloseTo((answered - asked) * 1000, -1);
    expect(outline(readAll(other), keys)).toEqual(['client firstRedirect', `${keysOf(stranger).client} firstRedirect`]);

    reader.trace(keys.server, false);
    await peers.exchange(pair.server, pair.client, 3, 64);
    expect(readAll(reader)).toEqual([]);
    expect(() => reader.trace('127.0.0.1:1->127.0.0.1:2', true)).toThrow(expect.objectContaining({ code: 'NO_ENTRY' }));
  });

  test('tell of adopted connections, and of their end a little later', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    await peers.listen('::');
    const pairs = [await peers.pair('127.0.0.1'), await peers.pair('::1')];
    bed.splice.up({ cgroups: [bed.cgroup] });
    using reader = bed.splice.events();
    expect(bed.splice.adopt()).toMatchObject({ adopted: 2, skipped: [] });
    using late = bed.splice.events();
    const keys = [keysOf(pairs[0] as Pair), keysOf(pairs[1] as Pair, '::1')].flatMap(Object.values);
    const opened = readAll(reader);
    expect(opened.map(({ type, key }) => `${type} ${key}`).sort()).toEqual(keys.map((key) => `opened ${key}`).sort());

    const [{ client, server }] = pairs as [Pair];
    await peers.close(client);
    await peers.close(server);
    for (const each of [reader, late]) {
      const closed: SpliceEvent[] = [];
      await until(() => closed.push(...readAll(each)) === 2, 'both ends are told to be closed');
      expect(closed.map(({ type, key }) => `${type} ${key}`).sort()).toEqual(
        keys
          .slice(0, 2)
          .map((key) => `closed ${key}`)
          .sort(),
      );
      expect(closed.map(({ cookie }) => cookie).sort()).toEqual(
        opened
          .filter(({ key }) => keys.indexOf(key) < 2)
          .map(({ cookie }) => cookie)
          .sort(),
      );
    }
  });
});
