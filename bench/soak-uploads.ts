/**
 * Uploads by curl to Python's http.server through a splice, for as long as you like, as root:
 * `npm run soak:uploads -- --minutes N`. An upload that fails, or on which nothing has come to an end for
 * some seconds, leaves a file that says all about it.
 */
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findCgroup2, openSplice, type Splice, type SpliceEvent } from '../src/core/index.ts';
import { spawnInCgroup } from '../test/support/peers.ts';
import { describeStall } from './stall-dump.ts';

const { values, positionals } = parseArgs({
  // What follows `--` goes to upload-server.py.
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    'per-second': { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '2' },
    size: { type: 'string', default: String(3 * 1024 * 1024) },
    'stall-seconds': { type: 'string', default: '3' },
    /** Uploads on each connection; the server keeps it with --keep-alive. */
    'each-connection': { type: 'string', default: '1' },
    /** Plain TCP, to compare with. */
    plain: { type: 'boolean', default: false },
    /** Without `Expect: 100-continue`. */
    'no-expect': { type: 'boolean', default: false },
    dumps: { type: 'string' },
  },
});
const number = (name: Exclude<keyof typeof values, 'plain' | 'no-expect'>) => {
  const value = Number(values[name]);
  if (value > 0) return value;
  process.stderr.write(`error[BAD_OPTION]: --${name} is a number above 0\ntry: --${name} 2\n`);
  process.exit(2);
};
const [minutes, perSecond, atOnce, size, stallSeconds, each] = (
  ['minutes', 'per-second', 'at-once', 'size', 'stall-seconds', 'each-connection'] as const
).map(number) as [number, number, number, number, number, number];

const name = `splice-soak-${process.pid}`;
const cgroup = join(findCgroup2(), name);
const folder = mkdtempSync(join(values.dumps ?? tmpdir(), 'splice-soak-'));
const body = randomBytes(size);
const bodyFile = join(folder, 'body');
const wanted = `${size} ${createHash('sha1').update(body).digest('hex')}`;
const begin = performance.now();
const durations: number[] = [];
const recent: SpliceEvent[] = [];
let begun = 0;
let failed = 0;
let stalled = 0;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (stopping = true));

writeFileSync(bodyFile, body);
mkdirSync(cgroup);
const splice: Splice | null = values.plain ? null : openSplice({ pin: `/sys/fs/bpf/${name}` });
splice?.up({ cgroups: [cgroup] });
const events = splice?.events();
const server = start(['/usr/bin/python3', join(import.meta.dirname, 'upload-server.py'), ...positionals]);
server.stderr?.pipe(process.stderr);
if (!server.stdout) throw new Error('no output');
const port = Number(String((await once(server.stdout, 'data'))[0]));
const follower = setInterval(follow, 250);

try {
  await Promise.all(Array.from({ length: atOnce }, work));
  report();
} finally {
  clearInterval(follower);
  server.kill('SIGKILL');
  if (splice) {
    if (splice.status().loaded) await splice.down({ force: true });
    splice.close();
  }
  while (readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(20);
  rmdirSync(cgroup);
  rmSync(bodyFile);
  // What was described stays.
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
process.exit(failed + stalled > 0 ? 1 : 0);

function start(argv: readonly string[]): ChildProcess {
  return spawnInCgroup(cgroup, ['nice', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function work(): Promise<void> {
  let reported = performance.now();
  while (!stopping && performance.now() - begin < minutes * 60_000) {
    const due = begin + (1000 * begun++ * each) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    await upload(begun);
    if (performance.now() - reported > 60_000) {
      report();
      reported = performance.now();
    }
  }
}

async function upload(id: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/`;
  const extra = values['no-expect'] ? ['-H', 'Expect:'] : [];
  const one = ['-sS', '-v', '--trace-time', '--max-time', '60', ...extra, '--data-binary', `@${bodyFile}`, url];
  const began = performance.now();
  const curl = start([
    'curl',
    ...Array.from({ length: each }, (_, index) => (index > 0 ? ['--next', ...one] : one)).flat(),
  ]);
  let [said, traced] = ['', ''];
  curl.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  curl.stderr?.setEncoding('utf8').on('data', (text: string) => (traced += text));
  const story = (what: string) =>
    `upload ${id} (curl ${curl.pid}), ${new Date().toISOString()}: ${what}\n${said}\n${traced.slice(-20_000)}\n`;
  const pids = [server.pid, curl.pid].filter((pid) => pid !== undefined);
  let stalls = 0;
  const watch = setInterval(() => {
    stalls++;
    follow();
    if (stalls < 4) dump(id, `stall-${stalls}`, `${story('stalled')}${describeStall(splice, port, pids)}`);
  }, stallSeconds * 1000);
  const [status] = await once(curl, 'close');
  clearInterval(watch);
  durations.push(performance.now() - began);
  if (stalls > 0) {
    stalled++;
    dump(id, 'stall-end', story(`ended with ${status} after ${(performance.now() - began).toFixed(0)} ms`));
  }
  const lines = said.trim().split('\n');
  if (status === 0 && lines.length === each && lines.every((line) => line === wanted)) return;
  failed++;
  follow();
  dump(
    id,
    'failure',
    `${story(`curl ended with ${status}, and was to say ${wanted}`)}${describeStall(splice, port, pids)}`,
  );
}

/** Keeps the last events: those of the connection in question are among them. */
function follow(): void {
  recent.push(...(events?.read().events ?? []));
  recent.splice(0, recent.length - 200);
}

function dump(id: number, what: string, text: string): void {
  const file = join(folder, `${id}-${what}.txt`);
  const last = recent.map((event) =>
    JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  writeFileSync(file, `${text}--- events\n${last.join('\n')}\n`, { mode: 0o600 });
  process.stdout.write(`${file}\n`);
}

function report(): void {
  const sorted = durations.toSorted((one, other) => one - other);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
  const totals = splice?.status();
  const redirects = totals?.loaded
    ? `, ${totals.totals.redirects} redirects, passes ${JSON.stringify(totals.totals.passes)}`
    : '';
  process.stdout.write(
    `${((performance.now() - begin) / 60_000).toFixed(1)} min: ${durations.length * each} uploads, ${failed} failed, ${stalled} stalled; ` +
      `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms${redirects}\n`,
  );
}
