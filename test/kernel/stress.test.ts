/** The stress test, as long as CI has time for it; `npm run soak` goes on for longer. */
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { patience } from '../setup/patience.ts';
import { runStress } from '../stress/stress.ts';

const SECONDS = 60;

describeKernel('under stress', () => {
  test('no byte is lost, moved or repeated, and no connection comes to a halt', {
    timeout: patience(300_000),
  }, async () => {
    const seed = Number(process.env.STRESS_SEED ?? Date.now() % 1_000_000);
    const { connections, bytes, redirects, actions } = await runStress({ seed, seconds: SECONDS });
    expect(connections).toBeGreaterThan(20);
    expect(bytes).toBeGreaterThan(1 << 20);
    expect(redirects).toBeGreaterThan(100);
    expect(Object.keys(actions).length).toBeGreaterThan(2);
  });
});
