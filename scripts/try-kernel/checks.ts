/**
 * What must hold on every kernel that we say is supported, with the sources as they are: every eBPF
 * object loads, and does its work on real connections. Prints a line a check, and PASS or FAIL.
 * scripts/try-kernel.sh runs it in a guest, as root, where nobody else is.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { release } from 'node:os';
import { basename, dirname } from 'node:path';
import { countOf, type EventReader } from '../../src/core/index.ts';
import { loadOurObject, objectPath } from '../../src/core/objects.ts';
import { lookAround } from '../../test/setup/leftovers.ts';
import { TestBed, until } from '../../test/support/kernel.ts';
import { keysOf, type Pair, type Peers } from '../../test/support/peers.ts';

const SETTLED_MS = 30_000;
const MiB = 1 << 20;

/** A bed without a splice, and a process with sockets in it. */
type Check = (bed: TestBed, peers: Peers) => Promise<void>;

const up = (bed: TestBed) => bed.splice.up({ cgroups: [bed.cgroup] });
const redirectsOf = (bed: TestBed, key: string) => bed.splice.lookup(key)?.redirects ?? Number.NaN;
const arrived = (bytes: number) => ({ bytes, equal: true });

/** A prime number of messages one way, another the other way: each is redirected, and counted once. */
async function redirects(bed: TestBed, peers: Peers, pair: Pair, address: string): Promise<void> {
  const keys = keysOf(pair, address);
  assert(await peers.exchange(pair.client, pair.server, 23, 64));
  assert(await peers.exchange(pair.server, pair.client, 7, 1000));
  assert.deepEqual([redirectsOf(bed, keys.client), redirectsOf(bed, keys.server)], [23, 7]);
}

const CHECKS: Record<string, Check> = {
  'takes every eBPF object': async () => {
    const files = readdirSync(dirname(objectPath('guarded'))).filter((file) => file.endsWith('.bpf.o'));
    for (const file of files) loadOurObject(basename(file, '.bpf.o'), {}).close();
  },

  'naive redirects IPv4': async (bed, peers) => {
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await redirects(bed, peers, await peers.open('127.0.0.1'), '127.0.0.1');
  },

  'guarded redirects IPv4': async (bed, peers) => {
    up(bed);
    await redirects(bed, peers, await peers.open('127.0.0.1'), '127.0.0.1');
  },

  'guarded redirects IPv4 in IPv6 clothes': async (bed, peers) => {
    up(bed);
    await redirects(bed, peers, await peers.open('::', '127.0.0.1'), '127.0.0.1');
  },

  'guarded redirects IPv6': async (bed, peers) => {
    up(bed);
    await redirects(bed, peers, await peers.open('::', '::1'), '::1');
  },

  'lists both families, with the processes behind them': async (bed, peers) => {
    up(bed);
    await peers.listen('::');
    const keys = [keysOf(await peers.pair('127.0.0.1')), keysOf(await peers.pair('::1'), '::1')];
    const entries = bed.splice.entries();
    assert.deepEqual(entries.map(({ key }) => key).sort(), keys.flatMap(Object.values).sort());
    for (const { state, peer, process } of entries) {
      assert.deepEqual([state, peer, process?.pid], ['ESTABLISHED', true, peers.process.pid]);
    }
  },

  'lets an entry go when its socket closes': async (bed, peers) => {
    up(bed);
    const pair = await peers.open();
    await peers.close(pair.client);
    await peers.close(pair.server);
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
  },

  'carries a stream byte for byte, IPv4 and IPv6': async (bed, peers) => {
    up(bed);
    await peers.listen('::');
    for (const address of ['127.0.0.1', '::1']) {
      const pair = await peers.pair(address);
      assert.deepEqual(await peers.stream(pair.client, pair.server, 40, 300_000), arrived(12_000_000));
      assert.deepEqual(await peers.stream(pair.server, pair.client, 3000, 100), arrived(300_000));
      assert(redirectsOf(bed, keysOf(pair, address).client) > 0);
    }
  },

  'sends by TCP under bypass, in order, and redirects again after it': async (bed, peers) => {
    up(bed);
    const pair = await peers.open();
    const { client } = keysOf(pair);
    assert(await peers.exchange(pair.client, pair.server, 3, 64));
    bed.splice.setMode('bypass');
    assert(await peers.exchange(pair.client, pair.server, 5, 64));
    assert.equal(bed.splice.lookup(client)?.passes.bypass, 5);
    bed.splice.setMode('guarded');
    assert(await peers.exchange(pair.client, pair.server, 7, 64));
    assert.equal(redirectsOf(bed, client), 10);
  },

  'holds a sender back when nobody reads, and loses nothing': async (bed, peers) => {
    up(bed);
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.send(pair.client, 120, 100_000);
    await until(() => (bed.splice.lookup(keys.client)?.passes.backlog ?? 0) > 0, 'the queue is full');
    const { queuedBytes = 0 } = bed.splice.lookup(keys.server) ?? {};
    assert(queuedBytes > 0 && queuedBytes <= 8 * MiB, `${queuedBytes} bytes are queued`);
    assert.deepEqual(await peers.receive(pair.server, 120, 100_000), arrived(12_000_000));
    assert.equal(bed.splice.lookup(keys.server)?.queuedBytes, 0);
  },

  'deletes an entry without losing unread bytes, and puts it back': async (bed, peers) => {
    up(bed);
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.send(pair.client, 3, 1000);
    await until(() => bed.splice.lookup(keys.server)?.queuedBytes === 3000, 'the messages are queued');
    const deleted = bed.splice.del(keys.server, { timeoutMs: SETTLED_MS });
    assert.deepEqual(await peers.receive(pair.server, 3, 1000), arrived(3000));
    assert.deepEqual(await deleted, { key: keys.server, lostBytes: 0 });
    assert(await peers.exchange(pair.client, pair.server, 3, 64));
    assert.equal(redirectsOf(bed, keys.client), 3);

    await bed.splice.put(keys.server, {
      pid: peers.process.pid as number,
      fd: await peers.descriptor(pair.server),
    });
    assert(await peers.exchange(pair.client, pair.server, 10, 64));
    // Until its reader has read by TCP, nothing is redirected to a socket that was put in.
    assert(redirectsOf(bed, keys.client) >= 3 + 9);
  },

  'adopts connections that were there before, and forgets them when they close': async (bed, peers) => {
    await peers.listen('::');
    const pairs = [await peers.pair('127.0.0.1'), await peers.pair('::1')];
    up(bed);
    const { adopted, skipped } = bed.splice.adopt();
    assert.deepEqual({ adopted, skipped }, { adopted: 2, skipped: [] });
    for (const [index, pair] of pairs.entries()) {
      assert(await peers.exchange(pair.client, pair.server, 10, 64));
      assert(redirectsOf(bed, keysOf(pair, index ? '::1' : '127.0.0.1').client) >= 9);
      await peers.close(pair.client);
      await peers.close(pair.server);
    }
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
    assert.equal(bed.splice.adopt().adopted, 0);
  },

  'keeps out what the policy names, whoever listened before it': async (bed, peers) => {
    const { port } = await peers.listen();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludePorts: [port] } });
    await peers.pair();
    assert.equal(bed.splice.entries().length, 0);
    await peers.rename('excluded-one');
    bed.splice.setPolicy({ excludeComms: ['excluded-one'] });
    const pair = await peers.pair();
    assert.equal(bed.splice.entries().length, 0);
    assert(await peers.exchange(pair.client, pair.server, 3, 64));
    bed.splice.setPolicy({});
    await peers.open();
    assert.equal(bed.splice.entries().length, 2);
  },

  'counts the turnaround of every answer, redirected and by TCP': async (bed, peers) => {
    up(bed);
    const pair = await peers.open();
    const talk = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        assert(await peers.exchange(pair.client, pair.server, 1, 64));
        assert(await peers.exchange(pair.server, pair.client, 1, 64));
      }
    };
    await talk(13);
    bed.splice.setMode('bypass');
    await talk(7);
    const { redirected, byTcp } = bed.splice.turnaround();
    assert.deepEqual([countOf(redirected), countOf(byTcp)], [13 + 12, 7 + 6]);
    assert.equal(bed.splice.turnarounds().size, 2);
    assert.equal(bed.splice.lookup(keysOf(pair).client)?.verdict, 'bypass');
  },

  'tells two readers what happens, and one of them every message': async (bed, peers) => {
    up(bed);
    using reader = bed.splice.events();
    using other = bed.splice.events();
    const pair = await peers.open();
    reader.trace(keysOf(pair).client, true);
    assert(await peers.exchange(pair.client, pair.server, 2, 64));
    await peers.close(pair.client);
    await peers.close(pair.server);
    await until(() => bed.splice.entries().length === 0, 'the entries are gone');
    const types = (from: EventReader) => from.read().events.map(({ type }) => type);
    const life = ['opened', 'opened', 'firstRedirect', 'closed', 'closed'];
    assert.deepEqual(types(other), life);
    assert.deepEqual(types(reader), life.toSpliced(3, 0, 'message', 'message'));
  },

  'goes down without losing unread bytes': async (bed, peers) => {
    up(bed);
    const pair = await peers.open();
    assert(
      [...lookAround()].some((thing) => thing.startsWith('eBPF prog')),
      'bpftool sees no program',
    );
    await peers.send(pair.client, 3, 1000);
    await until(() => bed.splice.lookup(keysOf(pair).server)?.queuedBytes === 3000, 'the messages are queued');
    const down = bed.splice.down({ timeoutMs: SETTLED_MS });
    assert.deepEqual(await peers.receive(pair.server, 3, 1000), arrived(3000));
    assert.deepEqual(await down, { removed: 2, lostBytes: 0 });
    assert.equal(bed.splice.status().loaded, false);
    assert(await peers.exchange(pair.client, pair.server, 3, 64));
  },
};

let failed = 0;

async function run(name: string, check: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const problem = await check().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  if (problem !== undefined) failed++;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (problem !== undefined) process.stdout.write(`${problem.replace(/^/gm, '       ')}\n`);
}

process.stdout.write(`Linux ${release()}, Node.js ${process.version}, ${objectPath('guarded')}\n`);
const before = lookAround();
for (const [name, check] of Object.entries(CHECKS)) {
  await run(name, async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    await check(bed, peers);
  });
}
await run('leaves no program, map, link, pin or cgroup behind', async () => {
  // The kernel frees them a little later.
  await until(() => lookAround().isSubsetOf(before), 'everything is gone').catch(() => {
    assert.deepEqual([...lookAround().difference(before)], []);
  });
});
process.stdout.write(`${failed === 0 ? 'PASS' : `FAIL: ${failed} of ${Object.keys(CHECKS).length + 1}`}\n`);
process.exitCode = failed === 0 ? 0 : 1;
