/** The stress test, as long as CI has time for it; `npm run soak` goes on for longer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpliceError } from '../../src/core/index.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { runStress } from '../stress/stress.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';

const SECONDS = 30;

describeKernel('under stress', () => {
  test('no byte is lost, moved or repeated, and no connection comes to a halt', { timeout: 180_000 }, async () => {
    const seed = Number(process.env.STRESS_SEED ?? Date.now() % 1_000_000);
    const { connections, bytes, redirects, actions } = await runStress({ seed, seconds: SECONDS });
    expect(connections).toBeGreaterThan(20);
    expect(bytes).toBeGreaterThan(1 << 20);
    expect(redirects).toBeGreaterThan(100);
    expect(Object.keys(actions).length).toBeGreaterThan(2);
  });
});

/** Keys, pids and descriptors as they may come from a script: mostly wrong, some nearly right. */
function anyKey(good: readonly string[]) {
  const damaged = fc
    .tuple(fc.constantFrom(...good), fc.nat(50), fc.string({ maxLength: 3 }))
    .map(([key, at, text]) => key.slice(0, at) + text + key.slice(at + 1));
  const parts = fc.record({ sip: fc.anything(), dip: fc.anything(), sport: fc.anything(), dport: fc.anything() });
  return fc.oneof(damaged, fc.string(), fc.string({ unit: 'binary' }), parts, fc.anything());
}

const anyNumber = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.integer(), fc.double(), fc.anything());

describeKernel('bad input', () => {
  test('is refused with an error of ours, and changes nothing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const good = Object.values(keysOf(pair));
    const state = () => {
      const { status, entries } = bed.splice.snapshot();
      return JSON.stringify([status, entries.map((entry) => ({ ...entry.toJSON(), ageMs: 0 }))]);
    };
    const before = state();
    const refused = async (work: () => unknown) => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof SpliceError)) throw error;
      }
    };
    await fc.assert(
      fc.asyncProperty(anyKey(good), anyNumber, anyNumber, async (key, pid, fd) => {
        // What is read as a key of one of the two entries is no bad input.
        const isGood = (() => {
          try {
            return good.includes(bed.splice.lookup(key as string)?.key ?? '');
          } catch {
            return false;
          }
        })();
        if (!isGood) {
          await refused(() => bed.splice.lookup(key as string));
          await refused(() => bed.splice.peer(key as string));
          await refused(() => bed.splice.del(key as string, { timeoutMs: 0 }));
        }
        await refused(() => bed.splice.put(key as string, { pid: pid as number, fd: fd as number }));
        if (key !== 'guarded' && key !== 'bypass') await refused(() => bed.splice.setMode(key as string));
      }),
      { numRuns: 300 },
    );
    expect(state()).toBe(before);
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
  });
});
