/** Sockets that are disconnected and used again: what waited for the former connection is not read by the next. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { race } from '../support/racer.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeKernel('a socket that is disconnected', () => {
  test.each(['connect', 'listen'])('and used for another %s reads nothing of its former peer', async (way) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    using events = bed.splice.events();
    const { rounds = 0, wrong, stalls } = await race(bed.cgroup, folder, 'used-again', '3', way);
    expect({ wrong, stalls }).toEqual({ wrong: 0, stalls: 0 });
    expect(rounds).toBeGreaterThan(20);
    expect(bed.splice.entries({ owners: false })).toEqual([]);
    const status = bed.splice.status();
    expect(status.loaded && status.totals.redirects).toBeGreaterThan(rounds);
    // The accepting end of the second connection is not a pair with anything: only the used one is kept out.
    const keptOut = events.read().events.filter(({ type }) => type === 'keptOut');
    if (way === 'connect')
      expect(new Set(keptOut.map(({ keptOutReason }) => keptOutReason))).toEqual(new Set(['reused']));
  });
});
