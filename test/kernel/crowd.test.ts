/** Keys that are chosen to share a bucket: only some get an entry, listing ends, and all go on by TCP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { Lasting } from '../support/lasting.ts';
import { keysOf, Peers } from '../support/peers.ts';

/** LONGEST_BUCKET of bpf/bucket.h. */
const LONGEST = 16;
const COUNT = 400;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeKernel('keys that share a bucket', () => {
  test('are kept out when it is full; all their bytes arrive', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const { program, said } = await Lasting.start(bed.cgroup, folder, 'collide', '65536', String(COUNT));
    await using _program = program;
    expect(said).toMatchObject({ made: COUNT, whole: 1 });
    const entries = bed.splice.entries({ owners: false });
    // The accepting ends are spread over all buckets, and come in only with their peers.
    expect(entries).toHaveLength(2 * LONGEST);
    expect(bed.splice.status()).toMatchObject({ keptOut: { crowd: COUNT - LONGEST } });
  });

  test('that fall together by chance get their entries', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await peers.listen();
    for (let made = 0; made < 300; made++) await peers.pair();
    expect(bed.splice.entries({ owners: false })).toHaveLength(600);
    expect(bed.splice.status()).toMatchObject({ keptOut: { crowd: 0 } });
  });
});

describeKernel('ends that find no peer', () => {
  test('give their places up when these are wanted', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], maxEntries: 4 });
    await using outside = new Peers(null);
    await using inside = bed.peers();
    const { port } = await outside.listen();
    for (let made = 0; made < 8; made++) {
      const accepted = outside.accepted();
      await inside.connect(port);
      await accepted;
    }
    expect(bed.splice.status()).toMatchObject({ map: { entries: 4 }, keptOut: { full: 4 } });
    await inside.listen();
    await inside.pair();
    expect(bed.splice.status()).toMatchObject({ map: { entries: 4 }, keptOut: { full: 5 } });
    // UNPAIRED_NS of bpf/sweep.h, and then the first that finds the map full makes room.
    await sleep(10_500);
    await inside.pair();
    const pair = await inside.pair();
    expect(bed.splice.lookup(keysOf(pair).client)).toMatchObject({ peer: true });
  });
});
