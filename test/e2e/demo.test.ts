/** `splice demo` as a user runs it, and what it leaves: nothing, however it ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Entry, findCgroup2, openSplice } from '../../src/core/index.ts';
import { listCgroups } from '../../src/host/cgroups.ts';
import { listNamespaces } from '../../src/host/hosts.ts';
import { findTool } from '../../src/host/tools.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { ROOT, run } from '../support/run.ts';
import { Screen } from '../tui/screen.ts';

const BIN = join(ROOT, 'bin/splice.js');
const BPFFS = '/sys/fs/bpf';

let count = 0;
const newPin = () => `${BPFFS}/splice-test-${process.pid}-demo-${++count}`;

/** A demo that runs beside the test. */
class Demo {
  readonly child: ChildProcess;
  output = '';
  errors = '';

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [BIN, 'demo', '--no-tui', ...argv], { env: { ...process.env, ...env } });
    this.child.stdout?.on('data', (text) => {
      this.output += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.errors += text;
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async says(text: string): Promise<void> {
    while (!this.errors.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`the demo ended without saying '${text}':\n${this.errors}`);
      await Promise.race([once(this.child.stderr as NodeJS.ReadableStream, 'data'), once(this.child, 'close')]);
    }
  }

  async ends(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

/** What there is of a demo: namespaces, cgroups, pins, and the eBPF maps with these ids. */
function remains(pid: number, pins: readonly string[], maps: readonly number[] = []): string[] {
  const names = [...listNamespaces(), ...listCgroups(), ...readdirSync(BPFFS)];
  return [
    ...names.filter((name) => name.startsWith(`splice-demo-${pid}-`)),
    ...pins.filter((pin) => existsSync(pin)),
    ...maps.filter((id) => spawnSync('bpftool', ['map', 'show', 'id', String(id)]).status === 0).map(String),
  ];
}

function mapAt(pin: string): number {
  using splice = openSplice({ pin });
  const status = splice.status();
  if (!status.loaded) throw new Error(`nothing is loaded at ${pin}`);
  return status.map.id;
}

function entriesAt(pin: string): Entry[] {
  using splice = openSplice({ pin });
  return splice.entries();
}

/** The microseconds in a line of the report: p50 and p99, with the services paused and running. */
function figures(output: string, label: string): number[] {
  const line = output.split('\n').find((text) => text.startsWith(label)) ?? '';
  return line.slice(38).trim().split(/\s+/).map(Number);
}

describeKernel('splice demo', () => {
  const running: Demo[] = [];
  const start = (...args: ConstructorParameters<typeof Demo>) => {
    const demo = new Demo(...args);
    running.push(demo);
    return demo;
  };

  afterEach(async () => {
    for (const demo of running.splice(0)) {
      demo.child.kill('SIGTERM');
      await demo.ends();
    }
  });

  test('splices two hosts, reports, and removes everything', async () => {
    const pin = newPin();
    const demo = start(['--seconds', '2', '--pin', pin]);
    await demo.says('running for');
    const map = mapAt(pin);
    expect(remains(demo.pid, [pin], [map])).toHaveLength(6);

    const seen = run('splice-repl', ['--pin', pin, '--json', '-e', 'entries()']);
    const entries = JSON.parse(seen.stdout) as { redirects: number; peer: boolean; process: { comm: string } | null }[];
    const commands = entries.filter((entry) => entry.peer && entry.redirects > 0).map((entry) => entry.process?.comm);
    const redis = findTool('redis-server') && findTool('redis-benchmark') ? ['redis-server', 'redis-benchmark'] : [];
    const expected = ['service-a', 'service-b', 'ping-client', 'ping-server', ...redis];
    expect(commands).toEqual(expect.arrayContaining(expected));

    expect(await demo.ends()).toBe(0);
    const row = /^10\.0\.0\.\d:\d+ +-> 10\.0\.0\.\d:8080 +ESTABLISHED +\d+ service-a +(\d+) /m;
    expect(Number(row.exec(demo.output)?.[1])).toBeGreaterThan(0);
    expect(demo.output).toMatch(/^total: [1-9]\d* messages redirected/m);
    const [before, after, ratio] = ['before:', 'after:', 'ratio:'].map((label) => figures(demo.output, label));
    expect(before).toHaveLength(4);
    for (const [index, value] of (before ?? []).entries()) {
      expect(value).toBeGreaterThan(0);
      expect(ratio?.[index]).toBeCloseTo(value / (after?.[index] as number), 1);
    }
    await until(() => remains(demo.pid, [pin], [map]).length === 0, 'everything of the demo is gone');
  });

  test.each([
    ['SIGINT', 'building two hosts'],
    ['SIGHUP', 'connections:'],
    ['SIGTERM', 'before:'],
    ['SIGINT', 'spliced:'],
    ['SIGTERM', 'running for'],
  ] as const)('%s after "%s" removes everything', async (signal, text) => {
    const pin = newPin();
    const demo = start(['--seconds', '60', '--pin', pin]);
    await demo.says(text);
    demo.child.kill(signal);
    expect(await demo.ends()).toBe(1);
    expect(demo.errors).toContain(`error[INTERRUPTED]: stopped by ${signal}\ntry: `);
    expect(demo.output).toBe('');
    expect(remains(demo.pid, [pin])).toEqual([]);
  });

  test('a service that ends by itself is a failure that removes everything', async () => {
    const pin = newPin();
    const demo = start(['--seconds', '60', '--pin', pin]);
    await demo.says('running for');
    const service = entriesAt(pin).find((entry) => entry.process?.comm === 'service-b')?.process;
    process.kill(service?.pid as number, 'SIGKILL');
    expect(await demo.ends()).toBe(1);
    expect(demo.errors).toMatch(/error\[PROCESS_FAILED\]: the service [AB] failed: /);
    expect(remains(demo.pid, [pin])).toEqual([]);
  });

  test('a killed demo takes its processes along, and the next one removes the rest', async () => {
    const pin = newPin();
    const killed = start(['--seconds', '60', '--pin', pin]);
    await killed.says('spliced:');
    killed.child.kill('SIGKILL');
    await killed.ends();
    const left = remains(killed.pid, [pin]);
    expect(left).toHaveLength(5);
    const cgroup = join(findCgroup2(), left.find((name) => name.match(/-\d+$/)) as string);
    await until(() => readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('populated 0'), 'processes ended');

    const next = start(['--seconds', '1', '--pin', pin]);
    expect(await next.ends()).toBe(0);
    expect(next.errors).toContain(`removed what splice-demo-${killed.pid}-`);
    expect(remains(killed.pid, [])).toEqual([]);
    expect(remains(next.pid, [pin])).toEqual([]);
  });

  test('two demos run side by side, the second one pinned beside the first', async () => {
    const env = { SPLICE_PIN: newPin() };
    const first = start(['--seconds', '60'], env);
    await first.says('running for');
    // Another terminal may not know of SPLICE_PIN.
    expect(first.errors).toContain(`from another terminal: splice-repl --pin ${env.SPLICE_PIN} -e 'entries()'`);
    const second = start(['--seconds', '1'], env);
    expect(await second.ends()).toBe(0);
    expect(second.errors).toMatch(new RegExp(`splice-repl --pin ${BPFFS}/splice-demo-${second.pid}-\\d+ `));
    expect(remains(second.pid, [])).toEqual([]);

    expect(first.child.exitCode).toBeNull();
    const [entry] = entriesAt(env.SPLICE_PIN);
    expect(entry?.redirects).toBeGreaterThan(0);
    first.child.kill('SIGINT');
    await first.ends();
    expect(remains(first.pid, [env.SPLICE_PIN])).toEqual([]);
  });

  test('a pin that was asked for and is taken is an error, and what is there goes on', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const { status, stderr } = run('splice', ['demo', '--no-tui', '--seconds', '1', '--pin', bed.pin]);
    expect(stderr).toContain(`error[ALREADY_UP]: another splice is up at ${bed.pin}`);
    expect(status).toBe(1);
    expect(bed.splice.status()).toMatchObject({ loaded: true, cgroups: [bed.cgroup] });
  });

  test('on a terminal it opens the live view, with the latencies over it, until q', async () => {
    const pin = newPin();
    await using screen = new Screen([process.execPath, BIN, 'demo', '--pin', pin], { columns: 100, rows: 40 });
    await screen.shows('before: p50');
    await screen.shows('spliced: pinned at');
    await screen.shows('OWN END');
    await screen.shows(/^ ?after: spliced, [\d.]+ times as fast( +[\d.]+){4}/m);
    expect(screen.text).toMatch(/^ ?before: TCP, IP, veth, bridge( +[\d.]+){4}/m);
    await screen.shows(/10\.0\.0\.1:\d+ +-> 10\.0\.0\.2:8080 +ESTAB/);
    screen.press('q');
    expect(await screen.ends()).toBe(0);
    expect(screen.isAlternate).toBe(false);
    expect(screen.text).toMatch(/^after: spliced, /m);
    expect(remains(screen.pid, [pin])).toEqual([]);
  });

  test('SIGTERM while the live view is open restores the screen and removes everything', async () => {
    const pin = newPin();
    await using screen = new Screen([process.execPath, BIN, 'demo', '--pin', pin]);
    await screen.shows('before: p50');
    await screen.shows('spliced: pinned at');
    await screen.shows('OWN END');
    screen.kill('SIGTERM');
    expect(await screen.ends()).toBe(1);
    expect(screen.isAlternate).toBe(false);
    expect(screen.text).toContain('error[INTERRUPTED]: stopped by SIGTERM');
    expect(remains(screen.pid, [pin])).toEqual([]);
  });

  test('without iproute2 it says which package to install', () => {
    const mounts =
      'for program in /usr/sbin/ip /usr/bin/ip /sbin/ip /bin/ip; do [ ! -e $program ] || mount --bind /dev/null $program; done';
    const { status, stderr } = run('splice', ['demo', '--no-tui'], { mounts });
    expect(stderr).toMatch(/^error\[TOOL_MISSING\]: .*'ip'.*\ntry: .*apt-get install iproute2/m);
    expect(status).toBe(3);
  });
});

test('without privileges it says so', () => {
  const { status, stderr } = run('splice', ['demo', '--no-tui'], { unprivileged: true });
  expect(stderr).toMatch(/^error\[NOT_PERMITTED\]: .*\ntry: .*root/m);
  expect(status).toBe(3);
});

test.each([['0'], ['86401'], ['1.5'], ['ten']])('--seconds %s is wrong usage', (seconds) => {
  const { status, stderr } = run('splice', ['demo', '--seconds', seconds]);
  expect(stderr).toMatch(/^error\[BAD_OPTION\]: .*1 to 86400.*\ntry: /m);
  expect(status).toBe(2);
});
