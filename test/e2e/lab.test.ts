/** `splice lab` as a user runs it: what it finds, and that it leaves nothing, however it ends. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listCgroups } from '../../src/host/cgroups.ts';
import { listNamespaces } from '../../src/host/hosts.ts';
import type { Variant } from '../../src/lab/experiment.ts';
import type { LabEvent } from '../../src/lab/journal.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { until } from '../support/kernel.ts';
import { ROOT, run } from '../support/run.ts';

/** The experiments, and whether kernel facts say that naive is broken there. */
const NAIVE_IS_BROKEN: Record<string, boolean> = {
  reorder: true,
  'loss-on-delete': true,
  'slow-reader': true,
  'absent-peer': true,
  namespaces: true,
  bystander: true,
  'half-close': false,
  crash: true,
  'used-again': true,
};

/** What an application sees where the text is the same in every run. */
const SEEN: Record<string, Record<Variant, string>> = {
  reorder: { tcp: 'in order', naive: 'B before A', guarded: 'in order' },
  'loss-on-delete': { tcp: 'nothing lost', naive: '5 bytes lost, then EACCES', guarded: 'nothing lost' },
  'absent-peer': {
    tcp: 'question and answer arrived',
    naive: 'EACCES',
    guarded: 'question and answer arrived',
  },
  namespaces: {
    tcp: 'nobody else read it',
    naive: 'another namespace read it',
    guarded: 'nobody else read it',
  },
};

interface LabResult {
  saw: string;
  equalToTcp: boolean;
  facts?: Record<string, unknown>;
  totals: { redirects: number; passes: Record<string, number> } | null;
  events?: LabEvent[];
}

interface LabReport {
  name: string;
  hazard: string;
  results: Record<Variant, LabResult>;
  explanation: string;
}

class Lab {
  readonly child: ChildProcess;
  output = '';
  errors = '';

  constructor(...argv: string[]) {
    this.child = spawn(process.execPath, [join(ROOT, 'bin/splice.js'), 'lab', ...argv]);
    this.child.stdout?.on('data', (text) => {
      this.output += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.errors += text;
    });
  }

  async ends(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  /** What there is of it on the machine. */
  remains(): string[] {
    const names = [...listNamespaces(), ...listCgroups(), ...readdirSync('/sys/fs/bpf')];
    return names.filter((name) => name.startsWith(`splice-lab-${this.child.pid}-`));
  }
}

describeKernel('splice lab', () => {
  test('every experiment: guarded is equal to TCP, naive is broken where it is known to be', async () => {
    const lab = new Lab('--json');
    expect({ status: await lab.ends(), errors: lab.errors }).toEqual({ status: 0, errors: '' });
    const reports = JSON.parse(lab.output) as LabReport[];
    expect(reports.map(({ name }) => name)).toEqual(Object.keys(NAIVE_IS_BROKEN));
    for (const { name, results, explanation } of reports) {
      expect({ name, tcp: results.tcp.equalToTcp, guarded: results.guarded.equalToTcp }).toEqual({
        name,
        tcp: true,
        guarded: true,
      });
      expect({ name, broken: !results.naive.equalToTcp }).toEqual({ name, broken: NAIVE_IS_BROKEN[name] });
      expect(explanation).not.toBe('');
    }
    const byName = Object.fromEntries(reports.map((report) => [report.name, report.results]));
    for (const [name, seen] of Object.entries(SEEN)) expect(byName[name]).toMatchObject(saws(seen));

    const slow = byName['slow-reader'] as LabReport['results'];
    expect(slow.naive).toMatchObject({ saw: '256 MiB queued (stopped there)', facts: { queuedBytes: 256 << 20 } });
    for (const variant of ['tcp', 'guarded'] as const) {
      expect(slow[variant].saw).toMatch(/^sender blocked after [\d.]+ MiB$/);
    }
    expect(slow.guarded.totals?.redirects).toBeGreaterThan(0);
    expect(byName['absent-peer']?.guarded.totals?.redirects).toBe(2);
    expect(byName.namespaces?.guarded.totals?.passes.pair).toBe(1);
    expect(byName['half-close']?.guarded.totals?.redirects).toBeGreaterThan(0);
    expect(lab.remains()).toEqual([]);
  });

  test('named ones as a table, 80 columns wide', async () => {
    const lab = new Lab('namespaces', 'reorder');
    expect(await lab.ends()).toBe(0);
    const lines = lab.output.trimEnd().split('\n');
    expect(lines).toHaveLength(9);
    expect(lines[0]).toMatch(/^EXPERIMENT +WITH +AN APPLICATION SAW +VERDICT$/);
    expect(lines[1]).toMatch(/^reorder +tcp +in order$/);
    expect(lines[2]).toMatch(/^ +naive +B before A +broken$/);
    expect(lines[3]).toMatch(/^ +guarded +in order +equal to TCP$/);
    expect(lines[4]).toMatch(/^ {2}\S.*\.$/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('--explain tells what happened, in order', async () => {
    const lab = new Lab('reorder', '--explain', '--json');
    expect(await lab.ends()).toBe(0);
    const [report] = JSON.parse(lab.output) as [LabReport];
    const { naive, guarded } = report.results;
    expect(naive.events?.map(({ what }) => what.replace(/ports? .*/, 'port'))).toEqual([
      'up, mode naive',
      'connected, port',
      'bypassed: everything goes by TCP',
      'sent "A"',
      'has "A" in its TCP receive queue and does not read it yet',
      'redirects from here on',
      'sent "B"',
      'read "BA"',
      'counted 1 redirect, 1 by TCP (bypass)',
      'B before A',
    ]);
    expect(guarded.events?.map(({ what }) => what)).toContain(
      'counted 0 redirects, 1 by TCP (order), 1 by TCP (bypass)',
    );
    const times = naive.events?.map(({ atMs }) => atMs) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => a - b));

    const told = new Lab('reorder', '--explain');
    expect(await told.ends()).toBe(0);
    expect(told.output).toMatch(/^reorder with naive: broken\n +[\d.]+ ms {2}splice +up, mode naive\n/m);
    expect(told.output).toMatch(/^ +[\d.]+ ms {2}server +read "BA"$/m);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s removes everything', async (signal) => {
    const lab = new Lab('slow-reader', 'crash');
    await until(() => lab.remains().length >= 2, 'a run has begun');
    lab.child.kill(signal);
    expect(await lab.ends()).toBe(1);
    expect(lab.errors).toMatch(
      new RegExp(`^error\\[\\w+\\]: stopped by ${signal}\ntry: .*everything it made is removed`),
    );
    expect(lab.remains()).toEqual([]);
  });

  test('what a killed lab left the next one removes', async () => {
    const killed = new Lab('reorder', 'crash');
    await until(() => killed.output.includes('guarded'), 'the last experiment runs');
    await until(() => killed.remains().length === 3, 'it has a cgroup, a namespace and a pin directory');
    killed.child.kill('SIGKILL');
    await killed.ends();
    expect(killed.remains()).not.toEqual([]);
    const next = new Lab('reorder');
    expect({ status: await next.ends(), errors: next.errors }).toEqual({ status: 0, errors: '' });
    expect(killed.remains()).toEqual([]);
  });

  test('guarded without its order rule is found out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
    try {
      cpSync(join(ROOT, 'bpf'), folder, { recursive: true });
      const rules = join(folder, 'rules.h');
      const rule = 'return peer_has_read == self->write_seq;';
      const text = readFileSync(rules, 'utf8');
      expect(text).toContain(rule);
      writeFileSync(rules, text.replace(rule, 'return true;'));
      const unordered = join(folder, 'guarded.bpf.o');
      execFileSync('bash', [join(ROOT, 'scripts/build-bpf.sh'), join(folder, 'guarded.bpf.c'), unordered]);
      expectFoundOut(unordered, 'guarded', 'guarded is not equal to TCP: B before A');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('naive that does as guarded is found out', () => {
    expectFoundOut(objectOf('guarded'), 'naive', 'the experiment is broken: naive did not fail');
  });
});

function objectOf(name: string): string {
  return join(ROOT, 'dist/bpf', `${name}.bpf.o`);
}

/** Runs the reorder experiment with another object in the place of one of ours. */
function expectFoundOut(object: string, inPlaceOf: Variant, what: string): void {
  const { status, stdout, stderr } = run('splice', ['lab', 'reorder', '--json'], {
    mounts: 'mount --bind "$1" "$2"',
    values: [object, objectOf(inPlaceOf)],
  });
  expect(stderr).toMatch(/^error\[\w+\]: reorder: /);
  expect(stderr).toContain(what);
  expect(JSON.parse(stdout)).toHaveLength(1);
  expect(status).toBe(1);
}

test('a name that there is not is wrong usage, and the names that there are are listed', () => {
  const { status, stdout, stderr } = run('splice', ['lab', 'reorder', 'reordre\u001b[2J']);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain("error[BAD_OPTION]: there is no experiment 'reordre\\x1b[2J'");
  expect(stderr).toContain(`try: ${Object.keys(NAIVE_IS_BROKEN).join(', ')}`);
});

test('without privileges it says so, and makes nothing', () => {
  const { status, stderr } = run('splice', ['lab'], { unprivileged: true });
  expect(stderr).toMatch(/^error\[NOT_PERMITTED\]: .*\ntry: .*root/m);
  expect(status).toBe(3);
});

function saws(seen: Record<Variant, string>): Record<Variant, { saw: string }> {
  return { tcp: { saw: seen.tcp }, naive: { saw: seen.naive }, guarded: { saw: seen.guarded } };
}
