/** Readers that are told once, by an edge, and take a short read for an empty socket: none waits in vain. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { EdgeReader } from '../support/edge-reader.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A connection in a splice of its own, whose server is an edge-triggered reader that does not read yet. */
async function connect(stack: AsyncDisposableStack) {
  const bed = stack.use(new TestBed());
  bed.splice.up({ cgroups: [bed.cgroup] });
  const peers = stack.use(bed.peers());
  const reader = stack.use(new EdgeReader(bed.cgroup, folder));
  const port = await reader.port();
  const client = await peers.connect(port);
  await reader.watching();
  const { client: own, server: key } = keysOf({ client, server: { id: 0, port } });
  /** Sends messages one by one, each when the one before was read. */
  const exchange = async (count: number, size: number) => {
    for (let sent = 0; sent < count; sent++) {
      const total = reader.total + size;
      await peers.send(client, 1, size);
      await until(() => reader.total === total, 'all was read');
    }
  };
  return { splice: bed.splice, peers, reader, client, own, key, exchange };
}

describeKernel('an edge-triggered reader', () => {
  test('of small messages is spliced', async () => {
    await using stack = new AsyncDisposableStack();
    const { splice, reader, own, exchange } = await connect(stack);
    reader.begin();
    await exchange(23, 1000);
    expect(splice.lookup(own)).toMatchObject({ redirects: 23 });
  });

  test('that is sent much leaves the map, and gets all of it', async () => {
    await using stack = new AsyncDisposableStack();
    const { splice, reader, key, exchange } = await connect(stack);
    using events = splice.events();
    reader.begin();
    await exchange(20, 10_000);
    expect(splice.lookup(key)).toBeNull();
    expect(splice.status()).toMatchObject({ totals: { redirects: 7 } });
    const left = events.read().events.find(({ type }) => type === 'left');
    expect(left).toMatchObject({ key, leaveReason: 'edgeTriggered' });
  });

  test('under bypass reads what was redirected before it, and leaves with the next message', async () => {
    await using stack = new AsyncDisposableStack();
    const { splice, peers, reader, client, key, exchange } = await connect(stack);
    await peers.send(client, 1, 1000);
    splice.setMode('bypass');
    // Bytes wait: one that went by TCP behind them would be overlooked.
    await peers.send(client, 1, 1000);
    expect(splice.lookup(key)?.queuedBytes).toBe(2000);
    reader.begin();
    await until(() => reader.total === 2000, 'all was read');
    await exchange(1, 1000);
    expect(splice.lookup(key)).toBeNull();
  });

  test('of short messages stays under bypass, and is redirected to again after it', async () => {
    await using stack = new AsyncDisposableStack();
    const { splice, reader, own, exchange } = await connect(stack);
    reader.begin();
    await exchange(1, 100);
    splice.setMode('bypass');
    await exchange(5, 100);
    splice.setMode('guarded');
    await exchange(1, 100);
    expect(splice.lookup(own)).toMatchObject({ redirects: 2, passes: { bypass: 5 } });
  });

  test.each([
    ['del', 'an open one'],
    ['del', 'one whose peer has closed'],
    ['del', 'one that both have closed'],
    ['down', 'an open one'],
    ['down', 'one whose peer has closed'],
  ])('is told again when its entry goes: %s, %s', async (edit, connection) => {
    await using stack = new AsyncDisposableStack();
    const { splice, peers, reader, client, key } = await connect(stack);
    await peers.send(client, 1, 1000);
    const removed = edit === 'del' ? splice.del(key) : splice.down();
    // Behind the redirected bytes, while the entry is drained.
    await peers.send(client, 1, 1000);
    if (connection !== 'an open one') await peers.close(client);
    reader.begin(connection === 'one that both have closed');
    await removed;
    await until(() => reader.total === 2000, 'all was read');
  });
});
