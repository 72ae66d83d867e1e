/**
 * How long it takes to list 64 000 entries: `iter/sockmap` decoded in Node.js against
 * `bpftool map dump`, in turn, in one run. Run it as root: `npm run bench:listing`. Its exit status
 * is 1 when the decoded listing is not three times as fast as bpftool.
 */
import { execFileSync } from 'node:child_process';
import type { Entry } from '../src/core/index.ts';
import { Crowd } from './crowd.ts';

const CONNECTIONS = 32_000;
const ROUNDS = 15;
const TIMES_AS_FAST = 3;

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function medianOf(times: number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] as number;
}

/** What a view does with the entries it shows, done with all of them; the sum keeps V8 from skipping it. */
function readEveryField(entries: readonly Entry[]): number {
  let sum = 0;
  for (const entry of entries) {
    const { key, keyHex, cookie, state, passes } = entry;
    sum += entry.sip.length + entry.dip.length + entry.sport + entry.dport + entry.redirects + entry.redirectBytes;
    sum += key.length + keyHex.length + cookie.length + state.length + passes.noPeer + Number(entry.peer);
    sum += entry.queuedBytes + entry.ageMs;
  }
  return sum;
}

function row(what: string, times: number[], base: number): string {
  const median = medianOf(times);
  const cells = [median, Math.min(...times), Math.max(...times)].map((ms) => ms.toFixed(1).padStart(8));
  return `${what.padEnd(44)}${cells.join('')}${(base / median).toFixed(1).padStart(9)}`;
}

await using crowd = await Crowd.gather(CONNECTIONS);
const { splice } = crowd;
const times: Record<'listed' | 'read' | 'decoded' | 'owners' | 'bpftool', number[]> = {
  listed: [],
  read: [],
  decoded: [],
  owners: [],
  bpftool: [],
};
const map = `${splice.pin}/INTERCEPT_MAP`;
const { length } = splice.entries({ owners: false });
for (let round = 0; round < ROUNDS; round++) {
  times.listed.push(timed(() => splice.entries({ owners: false })));
  times.read.push(timed(() => readEveryField(splice.entries({ owners: false }))));
  times.decoded.push(timed(() => splice.entries({ owners: false }).map((entry) => entry.toJSON())));
  times.bpftool.push(timed(() => execFileSync('bpftool', ['map', 'dump', 'pinned', map], { stdio: 'ignore' })));
}
// By themselves: V8 would collect what they leave behind while the others are timed.
for (let round = 0; round < ROUNDS; round++) {
  times.owners.push(timed(() => splice.entries({ owners: true })));
}
const base = medianOf(times.bpftool);
process.stdout.write(
  [
    `${`${length} entries, ${ROUNDS} rounds, ms`.padEnd(44)}  median     min     max  bpftool/`,
    row('entries()', times.listed, base),
    row('entries(), every field read', times.read, base),
    row('entries(), every field as an object (toJSON)', times.decoded, base),
    row('entries(), with the processes behind them', times.owners, base),
    row('bpftool map dump', times.bpftool, base),
    '',
  ].join('\n'),
);
if (base / medianOf(times.decoded) < TIMES_AS_FAST) {
  process.stderr.write(
    `entries() with every field decoded is not ${TIMES_AS_FAST} times as fast as bpftool map dump\n`,
  );
  process.exitCode = 1;
}
