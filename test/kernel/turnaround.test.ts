/** Turnaround and verdicts, as the kernel keeps them, of real connections. */
import { expect, test } from 'vitest';
import { countOf, SockKey, type Turnaround } from '../../src/core/index.ts';
import { LAYOUT } from '../../src/core/layout.ts';
import { BPF_ANY, updateElement } from '../../src/core/map-elements.ts';
import { PIN } from '../../src/core/pin-directory.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf, type Pair, type Peers } from '../support/peers.ts';

/** The client asks and the server answers, `rounds` times; the client is the last to have read. */
async function talk(peers: Peers, { client, server }: Pair, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    expect(await peers.exchange(client, server, 1, 64)).toBe(true);
    expect(await peers.exchange(server, client, 1, 64)).toBe(true);
  }
}

function countsOf(turnaround: Turnaround | undefined): { redirected: number; byTcp: number } | undefined {
  return turnaround && { redirected: countOf(turnaround.redirected), byTcp: countOf(turnaround.byTcp) };
}

describeKernel('turnaround', () => {
  test.each([
    ['IPv4', '127.0.0.1'],
    ['IPv6', '::1'],
  ])('counts every answer once, redirected and by TCP: %s', async (_, host) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open(host, host);
    const keys = keysOf(pair, host);
    const cookie = (key: string) => bed.splice.lookup(key)?.cookie ?? '';
    const [client, server] = [cookie(keys.client), cookie(keys.server)];
    const counts = () => {
      const all = bed.splice.turnarounds();
      expect(all.size).toBe(2);
      return { client: countsOf(all.get(client)), server: countsOf(all.get(server)) };
    };

    await talk(peers, pair, 23);
    // The first question answers nothing.
    expect(counts()).toEqual({ client: { redirected: 23, byTcp: 0 }, server: { redirected: 22, byTcp: 0 } });

    bed.splice.setMode('bypass');
    await talk(peers, pair, 13);
    // The first question by TCP follows an answer that was redirected, and counts for neither.
    expect(counts()).toEqual({ client: { redirected: 23, byTcp: 13 }, server: { redirected: 22, byTcp: 12 } });
    expect(countsOf(bed.splice.turnaround())).toEqual({ redirected: 45, byTcp: 25 });

    bed.splice.setMode('guarded');
    await talk(peers, pair, 7);
    expect(counts()).toEqual({ client: { redirected: 30, byTcp: 13 }, server: { redirected: 28, byTcp: 12 } });

    expect([...bed.splice.turnarounds([keys.server, '127.0.0.1:1->127.0.0.1:2']).keys()]).toEqual([server]);
    await peers.close(pair.client);
    await peers.close(pair.server);
    expect(countsOf(bed.splice.turnaround())).toEqual({ redirected: 58, byTcp: 25 });
  });

  test('is taken of one turn in eight when there were many', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const countOfKey = (key: string) => countsOf([...bed.splice.turnarounds([key]).values()][0])?.redirected;
    const counts = () => [keysOf(pair).client, keysOf(pair).server].map(countOfKey);
    await talk(peers, pair, 1024);
    expect(counts()).toEqual([1024, 1023]);
    await talk(peers, pair, 8 * 23);
    expect(counts()).toEqual([1024 + 23, 1024 + 22]);
  }, 120_000);

  test('is the time from the last message of one end to the first of the other', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 5, 64);
    const before = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await peers.exchange(pair.server, pair.client, 5, 64);
    const mostNs = (performance.now() - before) * 1e6 + 1e9;
    const times = [...bed.splice.turnarounds([keysOf(pair).client]).values()][0];
    const counted = times?.redirected.counts.flatMap((count, index) => (count ? [[index, count]] : [])) ?? [];
    expect(counted).toHaveLength(1);
    const [index = 0, count] = counted[0] ?? [];
    expect(count).toBe(1);
    expect(2 ** (index + 11)).toBeGreaterThan(300e6);
    expect(2 ** (index + 10)).toBeLessThan(mostNs);
  });

  test('keeps apart what connections in turn have under one key', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await peers.listen();
    const cookies = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      const pair = await peers.pair();
      await talk(peers, pair, 3);
      for (const [cookie, turnaround] of bed.splice.turnarounds([keysOf(pair).client])) {
        cookies.add(cookie);
        expect(countsOf(turnaround)).toEqual({ redirected: 3, byTcp: 0 });
      }
      await peers.close(pair.client);
      await peers.close(pair.server);
    }
    expect(cookies.size).toBe(3);
  });

  test('is read of however many there are', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const count = 10_007;
    {
      using pinned = new PinnedMaps(bed.pin);
      const record = Buffer.alloc(LAYOUT.endpoint_record.size);
      for (let number = 1; number <= count; number++) {
        record.writeBigUInt64LE(BigInt(number), LAYOUT.endpoint.fields.cookie);
        record.writeUInt32LE(2 * number, LAYOUT.endpoint_record.fields.times + 4 * 5);
        const key = SockKey.from(`10.0.0.1:${number}->10.0.0.2:80`);
        updateElement(pinned.fd(PIN.endpoints), key.encode(), record, BPF_ANY);
      }
    }
    const all = bed.splice.turnarounds();
    expect(all.size).toBe(count);
    for (let number = 1; number <= count; number++) {
      expect(all.get(String(number))?.redirected.counts[5]).toBe(2 * number);
    }
  });

  test('is not taken by naive', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await using peers = bed.peers();
    const pair = await peers.open('127.0.0.1');
    await talk(peers, pair, 3);
    expect(countsOf(bed.splice.turnaround())).toEqual({ redirected: 0, byTcp: 0 });
    expect([...bed.splice.turnarounds().values()].map(countsOf)).toEqual([
      { redirected: 0, byTcp: 0 },
      { redirected: 0, byTcp: 0 },
    ]);
    expect(bed.splice.lookup(keysOf(pair).client)).toMatchObject({ redirects: 3, verdict: null, verdictMs: null });
  });
});

describeKernel('the verdict of an entry', () => {
  test('is that of its last message, and says since when', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const client = () => bed.splice.lookup(keysOf(pair).client);
    expect(client()).toMatchObject({ verdict: null, verdictMs: null });

    await peers.exchange(pair.client, pair.server, 3, 64);
    expect(client()?.verdict).toBe('redirect');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await peers.exchange(pair.client, pair.server, 3, 64);
    expect(client()?.verdictMs).toBeGreaterThanOrEqual(200);

    bed.splice.setMode('bypass');
    const flipped = performance.now();
    await peers.exchange(pair.client, pair.server, 3, 64);
    expect(client()?.verdict).toBe('bypass');
    expect(client()?.verdictMs).toBeLessThanOrEqual(performance.now() - flipped);
  });

  test('names the rule that holds a message back', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    bed.splice.setMode('bypass');
    await peers.send(pair.client, 1, 64);
    bed.splice.setMode('guarded');
    await peers.send(pair.client, 1, 64);
    expect(bed.splice.lookup(keysOf(pair).client)?.verdict).toBe('order');
  });
});
