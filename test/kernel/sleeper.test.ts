/** The sleeper rule, against the clock: readers that fall asleep in tcp_recvmsg while messages change their way. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { spawnInCgroup } from '../support/peers.ts';

const SECONDS = '4';
const SOURCE = join(import.meta.dirname, '../support/waitall-race.c');

let folder = '';
let program = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
  program = join(folder, 'waitall-race');
  execFileSync('clang', ['-O2', '-Wall', '-Werror', '-pthread', '-o', program, SOURCE]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describeKernel('a reader that wants more than comes', () => {
  test.each(['simplex', 'duplex'])(
    'gets every byte at its place, however messages change their way: %s',
    async (way) => {
      await using bed = new TestBed();
      bed.splice.up({ cgroups: [bed.cgroup] });
      const child = spawnInCgroup(bed.cgroup, [program, SECONDS, way], { stdio: ['ignore', 'pipe', 'inherit'] });
      if (!child.stdout) throw new Error('no output');
      const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
      expect(JSON.parse(said)).toEqual({ connections: expect.any(Number), wrong: 0, stalls: 0 });

      const status = bed.splice.status();
      if (!status.loaded) throw new Error('the splice is gone');
      const { redirects, passes } = status.totals;
      expect(redirects).toBeGreaterThan(100);
      expect(passes.order + passes.backlog).toBeGreaterThan(100);
    },
  );
});
