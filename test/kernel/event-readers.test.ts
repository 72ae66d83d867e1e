/** Who reads events: several at once, ones that are killed, and ones that a splice outlives. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSplice, SockKey } from '../../src/core/index.ts';
import { EVENT_READERS, LAYOUT } from '../../src/core/layout.ts';
import { lookupElement } from '../../src/core/map-elements.ts';
import { PIN } from '../../src/core/pin-directory.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { outline, readAll } from '../support/told.ts';

/** The flags of an endpoint's record. */
function flagsOf(pin: string, key: string): number {
  using pinned = new PinnedMaps(pin);
  const record = Buffer.alloc(LAYOUT.endpoint_record.size);
  expect(lookupElement(pinned.fd(PIN.endpoints), SockKey.from(key).encode(), record)).toBe(true);
  return record.readUInt32LE(LAYOUT.endpoint.fields.flags);
}

/** The ids of the rings that the programs write into, one a reader. */
function ringIdsAt(pin: string): number[] {
  using pinned = new PinnedMaps(pin);
  const places = Array.from({ length: EVENT_READERS }, (_, reader) => Buffer.from(Uint32Array.of(reader).buffer));
  const id = Buffer.alloc(4);
  return places.flatMap((place) => (lookupElement(pinned.fd(PIN.eventReaders), place, id) ? [id.readUInt32LE()] : []));
}

function isMapThere(id: number): boolean {
  return spawnSync('bpftool', ['map', 'show', 'id', String(id)], { stdio: 'ignore' }).status === 0;
}

/** Another process that reads the events and traces an entry, and is killed. */
async function killReader(pin: string, key: string): Promise<void> {
  const script = join(import.meta.dirname, '../support/read-and-wait.ts');
  const child = spawn(process.execPath, [script, pin, key], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const TRACED = 0xff00_0000;

describeKernel('events', () => {
  test('go to every reader, whole', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    using one = bed.splice.events();
    using other = openSplice({ pin: bed.pin }).events();
    const keys = keysOf(await peers.open());
    const seen = readAll(one);
    expect(outline(seen, keys)).toEqual(['client opened', 'server opened']);
    expect(outline(readAll(other), keys)).toEqual(['client opened', 'server opened']);
    expect(readAll(one)).toEqual([]);

    other.close();
    const more = keysOf(await peers.open());
    expect(outline(readAll(one), more)).toEqual(['client opened', 'server opened']);
    expect(other.read()).toEqual({ events: [], lost: 0 });
    expect(ringIdsAt(bed.pin)).toHaveLength(1);
  });

  test('that nobody reads in time are counted', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client } = keysOf(pair);
    using reader = bed.splice.events();
    reader.trace(client, true);
    const count = 14_009;
    await peers.exchange(pair.client, pair.server, count, 16);
    expect(bed.splice.lookup(client)?.redirects).toBe(count);

    const { events, lost } = reader.read();
    // 1 MiB of events of 72 bytes and headers of 8; besides the messages, there was the first redirect.
    expect(events).toHaveLength(Math.floor(2 ** 20 / 80));
    expect(lost).toBe(count + 1 - events.length);
    await peers.exchange(pair.client, pair.server, 7, 16);
    expect(outline(readAll(reader), keysOf(pair))).toEqual(new Array(7).fill('client message 16'));
  });

  test('have eight readers; the place of one that was killed goes to the next', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client, server } = keysOf(pair);
    using stack = new DisposableStack();
    const readers = Array.from({ length: EVENT_READERS - 1 }, () => stack.use(bed.splice.events()));
    await killReader(bed.pin, client);
    expect(ringIdsAt(bed.pin)).toHaveLength(EVENT_READERS);
    for (const key of [client, server]) expect(flagsOf(bed.pin, key) & TRACED).not.toBe(0);

    const next = stack.use(bed.splice.events());
    for (const key of [client, server]) expect(flagsOf(bed.pin, key) & TRACED).toBe(0);
    expect(() => bed.splice.events()).toThrow(expect.objectContaining({ code: 'TOO_MANY_READERS' }));
    await peers.exchange(pair.client, pair.server, 1, 64);
    for (const reader of [...readers, next]) {
      expect(outline(readAll(reader), keysOf(pair))).toEqual(['client firstRedirect']);
    }
    readers[3]?.close();
    stack.use(bed.splice.events());
  });

  test('status clears the place of a reader that was killed', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { client, server } = keysOf(await peers.open());
    using reader = bed.splice.events();
    reader.trace(client, true);
    await killReader(bed.pin, client);
    expect(ringIdsAt(bed.pin)).toHaveLength(2);
    bed.splice.status();
    expect(ringIdsAt(bed.pin)).toHaveLength(1);
    for (const key of [client, server]) expect(flagsOf(bed.pin, key) & TRACED).toBe(0x0100_0000);
  });

  test('go on with the splice that comes after the one that went', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    using reader = bed.splice.events();
    const before = keysOf(await peers.open());
    expect(await bed.splice.down()).toEqual({ removed: 2, lostBytes: 0 });
    // What was told before, and then nothing.
    expect(outline(readAll(reader), before)).toEqual(['client opened', 'server opened']);
    expect(readAll(reader)).toEqual([]);
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(readAll(reader)).toEqual([]);
    const after = keysOf(await peers.open());
    expect(outline(readAll(reader), after)).toEqual(['client opened', 'server opened']);
  });

  test('leave nothing behind: a ring goes with its reader, or with the splice', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    using reader = bed.splice.events();
    await killReader(bed.pin, keysOf(pair).client);
    const rings = ringIdsAt(bed.pin);
    expect(rings).toHaveLength(2);
    expect(rings.filter(isMapThere)).toEqual(rings);

    await peers.close(pair.client);
    await peers.close(pair.server);
    await bed.splice.down();
    expect(existsSync(bed.pin)).toBe(false);
    reader.read();
    await until(() => !rings.some(isMapThere), 'the rings are gone');
  });

  test('there are none of naive, and none without a splice', async () => {
    await using bed = new TestBed();
    expect(() => bed.splice.events()).toThrow(expect.objectContaining({ code: 'NOT_LOADED' }));
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await using peers = bed.peers();
    using reader = bed.splice.events();
    const keys = keysOf(await peers.open('127.0.0.1'));
    expect(readAll(reader)).toEqual([]);
    expect(() => reader.trace(keys.client, true)).toThrow(expect.objectContaining({ code: 'BAD_MODE' }));
  });
});
