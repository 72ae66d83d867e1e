/**
 * The stress test for as long as you like: `npm run soak -- --minutes N [--seed S]`, as root. With a
 * seed of a failure it makes the same connections again; when what happens to them is up to the machine.
 */
import { parseArgs } from 'node:util';
import { runStress } from '../test/stress/stress.ts';

const ROUND_SECONDS = 60;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const first = Number(values.seed ?? Date.now() % 1_000_000);
if (!(minutes > 0) || !Number.isSafeInteger(first) || first < 0) {
  process.stderr.write(
    'error[BAD_OPTION]: --minutes is a number above 0, --seed a whole number\ntry: --minutes 10 --seed 7\n',
  );
  process.exit(2);
}

const until = performance.now() + minutes * 60_000;
for (let seed = first; performance.now() < until; seed++) {
  const left = Math.ceil((until - performance.now()) / 1000);
  const { bytes, connections, redirects, actions } = await runStress({ seed, seconds: Math.min(left, ROUND_SECONDS) });
  const done = Object.entries(actions).map(([name, count]) => `${count} ${name}`);
  process.stdout.write(
    `seed ${seed}: ${connections / 2} connections, ${(bytes / 2 ** 30).toFixed(2)} GiB checked, ${redirects} redirects; ${done.join(', ')}\n`,
  );
}
process.stdout.write('no byte was lost, moved or repeated\n');
