/** The sleeper rule, against the clock: readers that fall asleep in tcp_recvmsg while messages change their way. */
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

describeKernel('a reader that wants more than comes', () => {
  test.each(['simplex', 'duplex'] as const)(
    'gets every byte at its place, however messages change their way: %s',
    async (way) => {
      await using bed = new TestBed();
      bed.splice.up({ cgroups: [bed.cgroup] });
      const result = await race(bed.cgroup, folder, 'waitall-race', '4', way);
      expect(result).toEqual({ connections: expect.any(Number), wrong: 0, stalls: 0 });

      const status = bed.splice.status();
      if (!status.loaded) throw new Error('the splice is gone');
      const { redirects, passes } = status.totals;
      expect(redirects).toBeGreaterThan(100);
      expect(passes.order + passes.backlog).toBeGreaterThan(100);
    },
  );
});
