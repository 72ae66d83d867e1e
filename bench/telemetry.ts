/**
 * What turnaround and events cost a message: `guarded` as it is, and the same program with both taken
 * out when it is compiled, in rounds that are taken in turn. The time in the program is the kernel's own
 * count, the latency that of sockperf, both ends on one CPU. Run it as root: `npm run bench:telemetry`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCgroup2 } from '../src/core/index.ts';
import { spawnInCgroup } from '../test/support/peers.ts';

const ROUNDS = Number(process.argv[2] ?? 15);
const SECONDS = '1';
const FIRST_PORT = 7700;
const ROOT = join(import.meta.dirname, '..');

const name = `splice-bench-${process.pid}`;
const cgroup = join(findCgroup2(), name);
const pin = `/sys/fs/bpf/${name}`;

/** One round: nanoseconds in the program for a message, and the one-way latency in µs. */
interface Round {
  programNs: number;
  latencyUs: number;
}

/** A copy of core beside an object without the two calls; the headers that define them come first. */
function withoutTelemetry(): string {
  const copy = mkdtempSync(join(tmpdir(), `${name}-`));
  cpSync(join(ROOT, 'src/core'), join(copy, 'src/core'), { recursive: true });
  cpSync(join(ROOT, 'dist/bpf'), join(copy, 'dist/bpf'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
  const source = join(copy, 'guarded.bpf.c');
  const header = (file: string) => `#include "${join(ROOT, 'bpf', file)}"`;
  const lines = [
    header('turnaround.h'),
    header('events.h'),
    '#define count_turnaround(self, peer, ns)',
    '#define tell_message(self, bytes, turnaround, maps, key) ((void)(turnaround))',
    header('guarded.bpf.c'),
  ];
  writeFileSync(source, `${lines.join('\n')}\n`);
  const object = join(copy, 'dist/bpf/guarded.bpf.o');
  execFileSync('bash', [join(ROOT, 'scripts/build-bpf.sh'), source, object], { stdio: 'inherit' });
  return copy;
}

/** Calls a method of a splice, with the core that lies in a folder. */
function call(root: string, what: string): void {
  const core = JSON.stringify(join(root, 'src/core/index.ts'));
  const code = `const { openSplice } = await import(${core}); await openSplice({ pin: '${pin}' }).${what};`;
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Since the kernel counts (kernel.bpf_stats_enabled), how often the program ran, and how long in all. */
function counted(): { ns: number; runs: number } {
  const shown = execFileSync('bpftool', ['-j', 'prog', 'show', 'pinned', join(pin, 'redirect_traffic')]);
  const { run_time_ns: ns = 0, run_cnt: runs = 0 } = JSON.parse(String(shown)) as Record<string, number>;
  return { ns, runs };
}

/** @param port one that was not used: a connection of the measurement before may still be in TIME_WAIT */
async function measure(root: string, port: number): Promise<Round> {
  call(root, `up({ cgroups: ['${cgroup}'] })`);
  const where = ['--tcp', '-i', '127.0.0.1', '-p', String(port)];
  const server = spawnInCgroup(cgroup, ['taskset', '-c', '0', 'sockperf', 'server', ...where], { stdio: 'ignore' });
  const end = once(server, 'exit');
  try {
    await sleep(400);
    const enter = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
    const client = ['taskset', '-c', '0', 'sockperf', 'ping-pong', ...where, '-m', '64', '-t', SECONDS];
    const argv = ['-c', enter, 'sh', cgroup, ...client];
    const ping = () => execFileSync('sh', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    // Counting costs time itself: the latency is that of a run of its own.
    const latencyUs = Number(/percentile 50\.000 =\s+([\d.]+)/.exec(ping())?.[1]);
    const before = counted();
    setCounting('1');
    ping();
    setCounting('0');
    const after = counted();
    return { latencyUs, programNs: (after.ns - before.ns) / (after.runs - before.runs) };
  } finally {
    server.kill('SIGKILL');
    await end;
    call(root, 'down({ force: true })');
  }
}

function setCounting(to: '0' | '1'): void {
  writeFileSync('/proc/sys/kernel/bpf_stats_enabled', to);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

function row(what: string, without: number[], as: number[], unit: string): string {
  const ratio = median(as.map((value, round) => value / (without[round] as number)));
  const figures = `${median(without).toFixed(2)} and ${median(as).toFixed(2)} ${unit}`;
  return `${what.padEnd(44)}${figures.padEnd(28)}ratio ${ratio.toFixed(3)}\n`;
}

for (const tool of ['sockperf', 'bpftool']) {
  if (spawnSync(tool, ['--version']).error) {
    process.stderr.write(`error[TOOL_MISSING]: ${tool} is not installed\ntry: apt-get install ${tool}\n`);
    process.exit(3);
  }
}
const copy = withoutTelemetry();
mkdirSync(cgroup);
try {
  const seen: { without: Round[]; as: Round[] } = { without: [], as: [] };
  let port = FIRST_PORT;
  for (let round = 0; round < ROUNDS; round++) {
    for (const which of round % 2 ? (['without', 'as'] as const) : (['as', 'without'] as const)) {
      seen[which].push(await measure(which === 'as' ? ROOT : copy, port++));
    }
  }
  const of = (which: 'without' | 'as', what: keyof Round) => seen[which].map((round) => round[what]);
  process.stdout.write(
    `${ROUNDS} rounds, medians: without turnaround and events, and as it is; the ratio is the median of the rounds' ratios\n` +
      row('time in the program for a message', of('without', 'programNs'), of('as', 'programNs'), 'ns') +
      row('ping-pong 64 B p50', of('without', 'latencyUs'), of('as', 'latencyUs'), 'µs'),
  );
} finally {
  setCounting('0');
  rmSync(copy, { recursive: true });
  while (readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(20);
  rmdirSync(cgroup);
}
