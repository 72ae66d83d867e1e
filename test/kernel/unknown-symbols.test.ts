/** Programs that do not know how readers are woken: whoever waits may be asleep, and told once only. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { EdgeReader } from '../support/edge-reader.ts';
import { TestBed, until } from '../support/kernel.ts';
import { race } from '../support/racer.ts';
import { run } from '../support/run.ts';

// `up` would refuse: what is asked here is what the programs do all the same.
vi.mock('../../src/core/kernel-symbols.ts', () => ({
  requireWakeFunctions: () => {},
  KERNEL_CONSTANTS: { '.rodata.symbols': () => [0n, 0n, 0n] },
}));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeKernel('without the symbols of the kernel', () => {
  test.each(['simplex', 'duplex'] as const)('a reader that wants more than comes gets it in order: %s', async (way) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const result = await race(bed.cgroup, folder, 'waitall-race', '4', way);
    expect(result).toEqual({ connections: expect.any(Number), wrong: 0, stalls: 0 });
  });

  test('an edge-triggered reader gets a large upload', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const client = await peers.connect(await reader.port());
    await reader.watching();
    reader.begin();
    await peers.send(client, 320, 65_536);
    await until(() => reader.total === 320 * 65_536, 'all was read', { seconds: 20 });
  });

  test.each([
    ['without CAP_SYSLOG', { without: ['syslog'] }],
    ['without /proc/kallsyms', { mounts: 'mount --bind /dev/null /proc/kallsyms' }],
  ])('`splice up` %s refuses, and names them', async (_way, circumstances) => {
    await using bed = new TestBed();
    const { status, stderr } = run('splice', ['up', '--cgroup', bed.cgroup, '--pin', bed.pin], circumstances);
    expect(stderr).toMatch(/^error\[NO_SYMBOLS\]: .*ep_poll_callback.*\ntry: .*CAP_SYSLOG/);
    expect(status).toBe(3);
  });
});
