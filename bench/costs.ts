/**
 * What the safety of `guarded` costs, in ratios of rounds that are taken in turn: its ping-pong latency
 * against `naive`, and the throughput of a bystander (a socket in the cgroup whose peer is not)
 * against the same with no program attached. Traffic by sockperf and iperf3 on one CPU.
 * Run it as root: `npm run bench:costs`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCgroup2, type Mode, openSplice } from '../src/core/index.ts';
import { spawnInCgroup } from '../test/support/peers.ts';

const ROUNDS = 9;
const SECONDS = '1';
const HOST = '127.0.0.1';

const name = `splice-bench-${process.pid}`;
const cgroup = join(findCgroup2(), name);
const splice = openSplice({ pin: `/sys/fs/bpf/${name}` });

for (const tool of ['sockperf', 'iperf3']) {
  if (spawnSync(tool, ['--version']).error) {
    process.stderr.write(`error[TOOL_MISSING]: ${tool} is not installed\ntry: apt-get install ${tool}\n`);
    process.exit(3);
  }
}

/** Runs a server in or out of the cgroup, a client in it, both on CPU 0; returns what the client printed. */
async function measure(server: string[], client: string[], isServerInside: boolean): Promise<string> {
  const place = isServerInside ? cgroup : findCgroup2();
  const running = spawnInCgroup(place, ['taskset', '-c', '0', ...server], { stdio: 'ignore' });
  await sleep(400);
  const enter = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
  const argv = ['-c', enter, 'sh', cgroup, 'taskset', '-c', '0', ...client];
  const printed = execFileSync('sh', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  running.kill('SIGKILL');
  await new Promise((resolve) => running.once('exit', resolve));
  return printed;
}

/** The median one-way latency in µs. */
async function pingPong(): Promise<number> {
  const where = ['--tcp', '-i', HOST, '-p', '7799'];
  const client = ['sockperf', 'ping-pong', ...where, '-m', '64', '-t', SECONDS];
  const printed = await measure(['sockperf', 'server', ...where], client, true);
  return Number(/percentile 50\.000 =\s+([\d.]+)/.exec(printed)?.[1]);
}

/** Gbit/s from a client inside to a server outside of the cgroup. */
async function bystander(): Promise<number> {
  const client = ['iperf3', '-J', '-c', HOST, '-p', '7798', '-t', SECONDS];
  const printed = await measure(['iperf3', '-s', '-1', '-B', HOST, '-p', '7798'], client, false);
  const { end } = JSON.parse(printed) as { end: { sum_received: { bits_per_second: number } } };
  return end.sum_received.bits_per_second / 1e9;
}

async function spliced<Value>(mode: Mode | null, work: () => Promise<Value>): Promise<Value> {
  if (mode === null) return work();
  splice.up({ cgroups: [cgroup], mode });
  try {
    return await work();
  } finally {
    await splice.down({ force: true, timeoutMs: 1000 });
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

function row(what: string, base: number[], other: number[], unit: string): string {
  const ratios = other.map((value, index) => value / (base[index] as number)).sort((a, b) => a - b);
  const figures = `${median(base).toFixed(2)} and ${median(other).toFixed(2)} ${unit}`;
  const spread = `${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}`;
  return `${what.padEnd(48)}${figures.padEnd(26)}ratio ${median(ratios).toFixed(3)} (${spread})`;
}

mkdirSync(cgroup);
try {
  const seen: Record<string, number[]> = { tcp: [], naive: [], guarded: [], alone: [], beside: [] };
  for (let round = 0; round < ROUNDS; round++) {
    seen.tcp?.push(await pingPong());
    for (const mode of round % 2 ? (['naive', 'guarded'] as const) : (['guarded', 'naive'] as const)) {
      seen[mode]?.push(await spliced(mode, pingPong));
    }
    seen.alone?.push(await bystander());
    seen.beside?.push(await spliced('guarded', bystander));
  }
  const { tcp = [], naive = [], guarded = [], alone = [], beside = [] } = seen;
  process.stdout.write(
    [
      `${ROUNDS} rounds, medians; the ratio is the median of the rounds' ratios (least to most)`,
      row('ping-pong 64 B p50: TCP, guarded', tcp, guarded, 'µs'),
      row('ping-pong 64 B p50: naive, guarded', naive, guarded, 'µs'),
      row('bystander: no program attached, guarded', alone, beside, 'Gbit/s'),
      '',
    ].join('\n'),
  );
} finally {
  if (splice.status().loaded) await splice.down({ force: true });
  splice.close();
  while (readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(20);
  rmdirSync(cgroup);
}
