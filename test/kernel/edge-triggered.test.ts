/** Readers that are told once, by an edge, and take a short read for an empty socket: none waits in vain. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { EdgeReader } from '../support/edge-reader.ts';
import { TestBed, until } from '../support/kernel.ts';
import { type End, keysOf, type Peers } from '../support/peers.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A connection whose server is an edge-triggered reader that does not read yet. */
async function connectTo(reader: EdgeReader, peers: Peers): Promise<{ client: End; key: string }> {
  const port = await reader.port();
  const client = await peers.connect(port);
  await reader.watching();
  return { client, key: keysOf({ client, server: { id: 0, port } }).server };
}

describeKernel('an edge-triggered reader', () => {
  test('of small messages is spliced', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const { client, key } = await connectTo(reader, peers);
    reader.begin();
    for (let sent = 1; sent <= 23; sent++) {
      await peers.send(client, 1, 1000);
      await until(() => reader.total === sent * 1000, 'all was read');
    }
    expect(bed.splice.peer(key)).toMatchObject({ redirects: 23 });
  });

  test('that is sent much leaves the map, and gets all of it', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const { client, key } = await connectTo(reader, peers);
    reader.begin();
    for (let sent = 1; sent <= 20; sent++) {
      await peers.send(client, 1, 10_000);
      await until(() => reader.total === sent * 10_000, 'all was read');
    }
    expect(bed.splice.lookup(key)).toBeNull();
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 7 } });
  });

  test('under bypass reads what was redirected before it, and leaves with the next message', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const { client, key } = await connectTo(reader, peers);
    await peers.send(client, 1, 1000);
    bed.splice.setMode('bypass');
    // Bytes wait: one that went by TCP behind them would be overlooked.
    await peers.send(client, 1, 1000);
    expect(bed.splice.lookup(key)?.queuedBytes).toBe(2000);
    reader.begin();
    await until(() => reader.total === 2000, 'all was read');
    await peers.send(client, 1, 1000);
    await until(() => reader.total === 3000, 'all was read');
    expect(bed.splice.lookup(key)).toBeNull();
  });

  test('of short messages stays under bypass, and is redirected to again after it', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const { client, key } = await connectTo(reader, peers);
    reader.begin();
    const send = async (total: number) => {
      await peers.send(client, 1, 100);
      await until(() => reader.total === total, 'all was read');
    };
    await send(100);
    bed.splice.setMode('bypass');
    for (let sent = 2; sent <= 6; sent++) await send(100 * sent);
    bed.splice.setMode('guarded');
    await send(700);
    expect(bed.splice.peer(key)).toMatchObject({ redirects: 2, passes: { bypass: 5 } });
  });

  test.each(['del', 'down'] as const)('is told again when its entry goes: %s', async (edit) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const { client, key } = await connectTo(reader, peers);
    await peers.send(client, 1, 1000);
    const removed = edit === 'del' ? bed.splice.del(key) : bed.splice.down();
    // Behind the redirected bytes, while the entry is drained.
    await peers.send(client, 1, 1000);
    reader.begin();
    await removed;
    await until(() => reader.total === 2000, 'all was read');
  });
});
