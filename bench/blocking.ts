/**
 * What a blocking reader gains by a splice, and so what it would lose by leaving the map, as root:
 * `npm run bench:blocking [ROUNDS]`. Each figure is the median of the rounds' ratios, spliced to TCP, with
 * the least and the most; the two take turns, on one CPU.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCgroup2, openSplice } from '../src/core/index.ts';
import { isPopulated } from '../src/host/cgroups.ts';
import { spawnInCgroup } from '../test/support/peers.ts';

const rounds = Number(process.argv[2] ?? 7);
const SECONDS = 1;
const CPU = '1';
const PYTHON = '/usr/bin/python3';
const WAYS = [
  ['block', 'block'],
  ['block', 'epoll'],
  ['epoll', 'epoll'],
] as const;

const name = `splice-bench-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), `${name}-`));
const program = join(folder, 'blocking');
const cgroups = ['plain', 'spliced'].map((which) => join(findCgroup2(), `${name}-${which}`)) as [string, string];
const splice = openSplice({ pin: `/sys/fs/bpf/${name}` });

execFileSync('clang', ['-O1', '-Wall', '-Werror', '-o', program, join(import.meta.dirname, 'blocking.c')]);
for (const cgroup of cgroups) mkdirSync(cgroup);
splice.up({ cgroups: [cgroups[1]] });
try {
  process.stdout.write('| traffic | TCP | spliced / TCP (least to most) |\n|---|---|---|\n');
  for (const [client, server] of WAYS)
    await compare(`ping-pong of 64 bytes, ${client} and ${server}: µs, median`, (cgroup) =>
      pingPong(cgroup, client, server),
    );
  for (const protocol of ['HTTP/1.1', 'HTTP/1.0'])
    await compare(`wrk, one connection, to python -m http.server (${protocol}): µs of CPU time a request`, (cgroup) =>
      python(cgroup, protocol),
    );
} finally {
  await splice.down({ force: true });
  splice.close();
  for (const cgroup of cgroups) {
    while (isPopulated(cgroup)) await sleep(20);
    rmdirSync(cgroup);
  }
  rmSync(folder, { recursive: true });
}

async function compare(what: string, measure: (cgroup: string) => Promise<number>): Promise<void> {
  const [plain, ratios]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const tcp = await measure(cgroups[0]);
    plain.push(tcp);
    ratios.push((await measure(cgroups[1])) / tcp);
  }
  const [least, median, most] = [0, 0.5, 1].map((share) => at(ratios, share).toFixed(2));
  process.stdout.write(`| ${what} | ${at(plain, 0.5).toFixed(1)} | ${median} (${least} to ${most}) |\n`);
}

function at(numbers: readonly number[], share: number): number {
  return numbers.toSorted((one, other) => one - other)[Math.round(share * (numbers.length - 1))] ?? Number.NaN;
}

/** Microseconds of a message there and back. */
async function pingPong(cgroup: string, client: string, server: string): Promise<number> {
  const argv = ['taskset', '-c', CPU, program, client, server, String(SECONDS)];
  const child = spawnInCgroup(cgroup, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout?.on('data', (text) => (said += text));
  child.stdin?.end('\n');
  const [status] = await once(child, 'close');
  const median = Number(/ready\n([\d.]+)/.exec(said)?.[1]);
  if (status !== 0 || !(median > 0)) throw new Error(`blocking ended with ${status}: ${said}`);
  return median;
}

/** CPU time of both sides for a request, in microseconds: other work on the machine hardly changes it. */
async function python(cgroup: string, protocol: string): Promise<number> {
  const port = String(20_000 + Math.floor(Math.random() * 10_000));
  const argv = ['-m', 'http.server', port, '--bind', '127.0.0.1', '--protocol', protocol, '--directory', folder];
  const server = spawnInCgroup(cgroup, ['taskset', '-c', CPU, PYTHON, ...argv], { stdio: 'ignore' });
  try {
    while (!(await answers(Number(port)))) await sleep(20);
    const before = cpuTime(cgroup);
    const wrk = ['taskset', '-c', CPU, 'wrk', '-t1', '-c1', `-d${SECONDS}`, `http://127.0.0.1:${port}/none`];
    const client = spawnInCgroup(cgroup, wrk, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    client.stdout?.on('data', (text) => (said += text));
    await once(client, 'close');
    const requests = Number(/(\d+) requests in/.exec(said)?.[1]);
    if (!(requests > 0)) throw new Error(`wrk: ${said}`);
    return (cpuTime(cgroup) - before) / requests;
  } finally {
    server.kill('SIGKILL');
    await once(server, 'close');
  }
}

function cpuTime(cgroup: string): number {
  return Number(/usage_usec (\d+)/.exec(readFileSync(join(cgroup, 'cpu.stat'), 'utf8'))?.[1]);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
