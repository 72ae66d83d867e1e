/** `splice bench` as a user runs it, and what it leaves: nothing, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Result } from '../../src/bench/result.ts';
import { openSplice, SpliceError } from '../../src/core/index.ts';
import { listCgroups } from '../../src/host/cgroups.ts';
import { listNamespaces } from '../../src/host/hosts.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { ROOT, run } from '../support/run.ts';

const BIN = join(ROOT, 'bin/splice.js');
const BPFFS = '/sys/fs/bpf';
const ROW = 'redis-1@veth/1cpu';

/** A bench that runs beside the test. */
class Bench {
  readonly child: ChildProcess;
  output = '';
  errors = '';

  constructor(argv: readonly string[]) {
    this.child = spawn(process.execPath, [BIN, 'bench', ...argv]);
    this.child.stdout?.on('data', (text) => {
      this.output += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.errors += text;
    });
  }

  async says(text: string): Promise<void> {
    while (!this.errors.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`the bench ended without saying '${text}':\n${this.errors}`);
      await Promise.race([once(this.child.stderr as NodeJS.ReadableStream, 'data'), once(this.child, 'close')]);
    }
  }

  async ends(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  /** What there is of it: namespaces, cgroups, pins and files. */
  remains(): string[] {
    const names = [...listNamespaces(), ...listCgroups(), ...readdirSync(BPFFS), ...readdirSync('/run')];
    return names.filter((name) => name.startsWith(`splice-bench-${this.child.pid}-`));
  }
}

/** Turns redirection off as soon as a splice is up; false until then, when it is an error. */
function isBypassed(pin: string | undefined): boolean {
  if (pin === undefined) return false;
  using splice = openSplice({ pin: join(BPFFS, pin) });
  try {
    return splice.setMode('bypass') === 'bypass';
  } catch (error) {
    if (error instanceof SpliceError) return false;
    throw error;
  }
}

describeKernel('splice bench', () => {
  const running: Bench[] = [];
  const start = (...argv: string[]) => {
    const bench = new Bench(argv);
    running.push(bench);
    return bench;
  };
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splice-test-bench-'));
  });

  afterEach(async () => {
    for (const bench of running.splice(0)) {
      bench.child.kill('SIGTERM');
      await bench.ends();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  test('measures all variants of a row, and leaves nothing', async () => {
    const html = join(directory, 'bench.html');
    const bench = start('--rows', ROW, '--rounds', '2', '--json', '-', '--html', html);
    expect(await bench.ends(), bench.errors).toBe(0);
    expect(bench.errors).toContain(`[1/1] ${ROW}, round 1 of 2; about `);
    const { rows, machine, errors, skipped } = JSON.parse(bench.output) as Result;
    expect({ errors, skipped, rows: rows.map(({ id }) => id) }).toEqual({ errors: [], skipped: [], rows: [ROW] });
    const [get] = rows[0]?.metrics ?? [];
    expect(Object.keys(get?.figures ?? {})).toEqual(['tcp', 'naive', 'guarded', 'unix']);
    for (const figure of Object.values(get?.figures ?? {})) {
      expect(figure.rounds).toHaveLength(2);
      expect(figure.least).toBeGreaterThan(0);
    }
    const { tcp, guarded } = get?.figures ?? {};
    const ratios = guarded?.rounds.map((value, round) => (value ?? 0) / (tcp?.rounds[round] ?? 0));
    expect(get?.toTcp.guarded?.median).toBeCloseTo(((ratios?.[0] ?? 0) + (ratios?.[1] ?? 0)) / 2);
    for (const mode of ['naive', 'guarded'] as const) {
      // Two rounds of thousands of requests, each with its answer.
      expect(rows[0]?.variants[mode]?.counted?.redirects).toBeGreaterThan(16_000);
    }
    expect(rows[0]?.variants.tcp?.counted).toBeNull();
    expect(machine.tools['redis-benchmark']).toMatch(/^\d+\.\d+/);
    expect(readFileSync(html, 'utf8')).toContain('Redis, 1 client, veth + bridge, one CPU');
    expect(statSync(html).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['bench.html']);
    expect(bench.remains()).toEqual([]);
  });

  test.each([
    ['SIGINT', 'round 1 of 40'],
    ['SIGTERM', 'round 1 of 40'],
  ] as const)('%s removes everything, and writes no result', async (signal, text) => {
    const bench = start('--rows', ROW, '--rounds', '40', '--json', join(directory, 'bench.json'));
    await bench.says(text);
    expect(bench.remains().length).toBeGreaterThan(5);
    bench.child.kill(signal);
    expect(await bench.ends()).toBe(1);
    expect(bench.errors).toContain(`error[INTERRUPTED]: stopped by ${signal}\ntry: `);
    expect(bench.output).toBe('');
    expect(bench.remains()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a killed bench takes its processes along, and the next one removes the rest', async () => {
    const killed = start('--rows', ROW, '--rounds', '40');
    await killed.says('round 1 of 40');
    killed.child.kill('SIGKILL');
    await killed.ends();
    expect(killed.remains().length).toBeGreaterThan(5);
    const next = start('--rows', ROW, '--rounds', '1');
    await next.says('round 1 of 1');
    expect(next.errors).toContain(`removed what splice-bench-${killed.child.pid}-`);
    expect(killed.remains()).toEqual([]);
    expect(await next.ends()).toBe(0);
    expect(next.output).toContain('Redis, 1 client, veth + bridge, one CPU: redis-benchmark, redis-server');
  });

  test('a splice that redirects nothing is an error, not a figure', async () => {
    const bench = start('--rows', ROW, '--rounds', '1', '--json', '-');
    const pinOf = () =>
      readdirSync(BPFFS).find(
        (name) => name.startsWith(`splice-bench-${bench.child.pid}-`) && name.endsWith('-guarded'),
      );
    while (!isBypassed(pinOf())) await sleep(5);
    expect(await bench.ends()).toBe(1);
    const reason = 'no message was redirected, so this would be no figure of a splice';
    expect(bench.errors).toContain(`error[BENCH_FAILED]: ${ROW}, guarded: ${reason}\ntry: `);
    const { rows } = JSON.parse(bench.output) as Result;
    expect(rows[0]?.variants.guarded?.failure).toBe(reason);
    expect(rows[0]?.metrics[0]?.figures.guarded).toBeUndefined();
    expect(rows[0]?.metrics[0]?.figures.naive).toBeDefined();
  });

  test('every tool runs, bystanders are not spliced, and the programs are counted', async () => {
    const rows = ['stream@loopback/1cpu', 'small-writes@loopback/1cpu'];
    const others = ['redis-pipelined@loopback/1cpu', 'nginx@veth/1cpu', 'bystander-stream@veth/1cpu'];
    const bench = start('--rows', ...rows, ...others, 'programs', '--rounds', '1', '--json', '-');
    await bench.ends();
    const result = JSON.parse(bench.output) as Result;
    const costs = result.programs.map(({ mode, program, row }) => `${mode} ${program} ${row}`);
    for (const mode of ['naive', 'guarded']) {
      expect(costs).toContain(`${mode} redirect_traffic ping-pong-64@veth/1cpu`);
      expect(costs).toContain(`${mode} handle_sock_ops connections@veth/1cpu`);
    }
    expect(result.programs.every(({ runs, nsPerRun }) => runs > 0 && nsPerRun > 0)).toBe(true);
    expect(result.errors).toEqual([]);
    expect(result.rows.map(({ id }) => id)).toEqual([...rows, ...others]);
    for (const { id, metrics, variants } of result.rows) {
      for (const { name, figures } of metrics) {
        expect(figures.tcp?.median, `${id}, ${name}`).toBeGreaterThan(0);
        expect(figures.guarded?.median, `${id}, ${name}`).toBeGreaterThan(0);
      }
      const redirects = variants.guarded?.counted?.redirects;
      if (id.startsWith('bystander')) expect(redirects).toBe(0);
      else expect(redirects).toBeGreaterThan(0);
    }
  });

  test('a tool that is missing is named with its package', () => {
    const mounts = 'mount --bind /dev/null "$(command -v sockperf)"';
    const { status, stderr } = run('splice', ['bench', '--rows', 'ping-pong-64'], { mounts });
    expect(stderr).toMatch(/^error\[BENCH_FAILED\]: .*sockperf is not installed: apt-get install sockperf\ntry: /m);
    expect(status).toBe(1);
  });
});

test.each([
  [['--rows', 'redos'], "there is no row 'redos'"],
  [['--rounds', '0'], '1 to 1000'],
  [['--json', '-', '--html', '-'], 'both --json and --html are -'],
])('%j is wrong usage', (argv, text) => {
  const { status, stderr } = run('splice', ['bench', ...argv]);
  expect(stderr).toMatch(/^error\[BAD_OPTION\]: .*\ntry: /m);
  expect(stderr).toContain(text);
  expect(status).toBe(2);
});

test('a file that cannot be written is known before anything is measured', () => {
  const { status, stderr } = run('splice', ['bench', '--json', '/nowhere/bench.json']);
  expect(stderr).toMatch(/^error\[FILE_NOT_WRITTEN\]: .*\/nowhere\/bench\.json.*\ntry: /m);
  expect(status).toBe(1);
});

test('without privileges it says so', () => {
  const { status, stderr } = run('splice', ['bench', '--quick'], { unprivileged: true });
  expect(stderr).toMatch(/^error\[NOT_PERMITTED\]: .*\ntry: .*root/m);
  expect(status).toBe(3);
});
