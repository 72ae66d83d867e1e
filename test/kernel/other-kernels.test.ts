/** What a kernel may not have, or have otherwise: the programs get along without it, or keep everything out. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { MutatedTree, replaceBody, replaceText } from '../support/mutation.ts';
import * as bytes from '../support/racers/bytes.ts';
import * as edge from '../support/racers/edge.ts';
import * as entering from '../support/racers/entering.ts';

vi.mock('../../src/core/libbpf.ts', async (original) => {
  const { mutatedLibbpf } = await import('../support/mutation.ts');
  return mutatedLibbpf(await original());
});

/** The programs as on a kernel before 6.2: the loader finds no switch to turn on. */
const WITHOUT_CAST = replaceText('has_rdonly_cast SEC(".rodata.cast")', 'has_rdonly_cast SEC(".rodata.unused")');

describeKernel('without bpf_rdonly_cast() of the kernel', () => {
  let tree: MutatedTree;
  beforeAll(() => {
    tree = new MutatedTree(WITHOUT_CAST);
  });
  afterAll(() => tree[Symbol.dispose]());

  test('messages are redirected, and all arrive', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 23 } });
    expect(bed.splice.entries()).toHaveLength(2);
    expect(await peers.stream(pair.client, pair.server, 40, 300_000)).toEqual({ bytes: 12_000_000, equal: true });
  });

  // What reads the memory of the kernel.
  test.each([
    ['order', bytes.overtaking],
    ['sleeper', bytes.waitingForAll],
    ['room', bytes.flooding],
    ['edge', edge.sendingBehindARedirect('epoll')],
    ['options', entering.askingForMore('early')],
    ['used again', entering.usingAgain('reset')],
    ['crowd', entering.crowding],
  ])('the rule holds: %s', async (_rule, racer) => {
    await using bed = new TestBed();
    expect(await racer(bed)).toBeNull();
  });
});

describeKernel('where the kernel hashes otherwise', () => {
  test('every socket is kept out, as of a crowd, and TCP carries all', async () => {
    using _tree = new MutatedTree(replaceBody('jhash_words', 'return key[0] ^ count;'));
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    using reader = bed.splice.events();
    await using peers = bed.peers();
    for (let connections = 0; connections < 3; connections++) {
      const pair = await peers.open();
      expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    }
    expect(bed.splice.entries()).toEqual([]);
    const told = reader.read().events.map(({ type, keptOutReason }) => ({ type, keptOutReason }));
    // The accepting end has no peer then, and does not even try.
    expect(told).toEqual(Array(3).fill({ type: 'keptOut', keptOutReason: 'crowd' }));
    expect(bed.splice.status()).toMatchObject({ keptOut: { crowd: 3 }, totals: { redirects: 0 } });
  });
});
