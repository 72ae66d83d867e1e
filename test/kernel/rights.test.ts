/** With which capabilities each command works, and what it says where one is missing. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { EdgeReader } from '../support/edge-reader.ts';
import { TestBed } from '../support/kernel.ts';
import { LEAST_SET } from '../support/least-rights.ts';
import { keysOf } from '../support/peers.ts';
import { type Circumstances, type Run, run } from '../support/run.ts';

const LEAST: Circumstances = { capabilities: LEAST_SET };
const WITHOUT = (...names: string[]): Circumstances => ({ without: ['sys_admin', ...names] });
const DONE = { status: 0, stderr: '' };

/** Every command once, on a splice that it brings up and takes down. */
async function tryAll(bed: TestBed, circumstances: Circumstances, pin = bed.pin): Promise<void> {
  const call = (name: string, ...argv: string[]) => run(name, [...argv, '--pin', pin], circumstances);
  expect(call('splice', 'up', '--cgroup', bed.cgroup)).toMatchObject(DONE);
  await using peers = bed.peers();
  const pair = await peers.open();
  const { client } = keysOf(pair);
  expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
  const listed = call('splice', 'entries', '--json');
  expect(JSON.parse(listed.stdout)).toContainEqual(
    expect.objectContaining({
      key: client,
      redirects: 3,
      process: expect.objectContaining({ pid: peers.process.pid }),
    }),
  );
  expect(call('splice-tui', '--once').stdout).toContain('127.0.0.1');
  expect(call('splice-repl', '-e', `why('${client}')`)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/spliced/),
  });
  for (const name of ['bypass', 'guarded'])
    expect(call('splice', 'mode', name)).toEqual({ ...DONE, stdout: `${name}\n` });
  expect(call('splice', 'policy', '--exclude-comm', 'nobody')).toMatchObject(DONE);
  expect(call('splice', 'policy', '--clear')).toMatchObject(DONE);
  expect(call('splice-repl', '-e', `del('${client}')`)).toMatchObject({ status: 0, stderr: '' });
  expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
  expect(call('splice', 'up', '--cgroup', bed.cgroup, '--adopt').stdout).toMatch(/^already up\n/);
  expect(JSON.parse(call('splice', 'status', '--json').stdout)).toMatchObject({ loaded: true });
  expect(call('splice', 'down')).toMatchObject(DONE);
  expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
}

function expectRefused({ status, stderr }: Run, ...names: string[]): void {
  expect(stderr).toMatch(/^error\[NOT_PERMITTED\]: this process lacks .+\ntry: .+\n$/);
  for (const name of names) expect(stderr).toContain(name);
  expect(status).toBe(3);
}

describeKernel('rights', () => {
  test('uid 0 with CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON and CAP_SYSLOG does everything', async () => {
    await using bed = new TestBed();
    await tryAll(bed, LEAST);
  });

  test('so does an ordinary user in a directory of a bpffs that is their own', async () => {
    await using bed = new TestBed();
    const uid = 65_534;
    const mount = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
    chmodSync(mount, 0o755);
    execFileSync('mount', ['-t', 'bpf', '-o', 'nosuid,nodev,noexec', 'bpf', mount]);
    try {
      chmodSync(mount, 0o755);
      const own = join(mount, 'own');
      mkdirSync(own);
      chownSync(own, uid, uid);
      await tryAll(bed, { ...LEAST, uid }, join(own, 'splice'));
      expect(statSync(own).uid).toBe(uid);
    } finally {
      execFileSync('umount', [mount]);
      rmdirSync(mount);
    }
  });

  test.each(['bpf', 'net_admin', 'perfmon'])('up without %s says that it lacks it', async (name) => {
    await using bed = new TestBed();
    expectRefused(
      run('splice', ['up', '--cgroup', bed.cgroup, '--pin', bed.pin], WITHOUT(name)),
      `CAP_${name.toUpperCase()}`,
    );
    expect(bed.splice.status()).toEqual({ loaded: false });
  });

  test('what looks at a splice, edits it and takes it down needs CAP_BPF and CAP_PERFMON alone', async () => {
    await using bed = new TestBed();
    const call = (name: string, ...argv: string[]) =>
      run(name, [...argv, '--pin', bed.pin], { capabilities: ['+bpf', '+perfmon'] });
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { client } = keysOf(await peers.open());
    for (const argv of [
      ['status'],
      ['entries'],
      ['mode', 'bypass'],
      ['mode', 'guarded'],
      ['policy', '--exclude-comm', 'x'],
    ]) {
      expect(call('splice', ...argv)).toMatchObject(DONE);
    }
    expect(call('splice-repl', '-e', `del('${client}')`)).toMatchObject({ status: 0 });
    expect(call('splice', 'down')).toMatchObject({ status: 0 });
  });

  test('whoever owns the pins switches to bypass without any capability, and back only with them', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const call = (...argv: string[]) => run('splice', [...argv, '--pin', bed.pin], { unprivileged: true });
    expect(call('mode', 'bypass')).toEqual({ ...DONE, stdout: 'bypass\n' });
    expect(call('policy', '--exclude-port', '80', '--no-default-excludes')).toMatchObject(DONE);
    expect(call('mode')).toEqual({ ...DONE, stdout: 'bypass\n' });
    for (const argv of [['mode', 'guarded'], ['policy', '--exclude-comm', 'x'], ['down']]) {
      expectRefused(call(...argv), 'CAP_BPF', 'CAP_PERFMON');
    }
    expect(bed.splice.policy().excludePorts).toEqual([80]);
    expect(bed.splice.mode()).toBe('bypass');
  });

  test('adopting from a process with more capabilities takes CAP_SYS_PTRACE: the answer says so', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    await peers.open();
    const up = (capabilities: readonly string[]) =>
      run('splice', ['up', '--adopt', '--cgroup', bed.cgroup, '--pin', bed.pin], { capabilities });
    const refused = up(LEAST_SET);
    expect(refused.stdout).toContain('adopted    0 connections');
    expect(refused.stderr).toMatch(/^warning: .*CAP_SYS_PTRACE/);
    expect(up([...LEAST_SET, '+sys_ptrace'])).toMatchObject({
      ...DONE,
      stdout: expect.stringContaining('adopted    1 connection\n'),
    });
  });

  test('down names the edge-triggered readers that it may not wake', async () => {
    await using bed = new TestBed();
    const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
    try {
      bed.splice.up({ cgroups: [bed.cgroup] });
      await using peers = bed.peers();
      await using reader = new EdgeReader(bed.cgroup, folder);
      await peers.connect(await reader.port());
      await reader.watching();
      const { status, stderr } = run('splice', ['down', '--pin', bed.pin], LEAST);
      expect(stderr).toMatch(
        /^warning: the edge-triggered reader of \S+, of edge-reader \(pid \d+\), .*CAP_SYS_PTRACE/,
      );
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('in a user namespace its own capabilities do not count', async () => {
    await using bed = new TestBed();
    const { status, stderr } = run('splice', ['up', '--cgroup', bed.cgroup, '--pin', bed.pin], {
      prefix: ['unshare', '--user', '--map-root-user'],
    });
    expect(stderr).toMatch(/^error\[NOT_PERMITTED\]: .*user namespace.*\ntry: .*on the host/);
    expect(status).toBe(3);
  });

  test.each([24, 32, 40, 48, 64, 80])(
    'with %i descriptors it says that they are too few, and leaves nothing',
    async (limit) => {
      await using bed = new TestBed();
      const { status, stderr } = run('splice', ['up', '--cgroup', bed.cgroup, '--pin', bed.pin], {
        prefix: ['prlimit', `--nofile=${limit}:${limit}`],
      });
      expect(stderr).toMatch(
        /^error\[NO_RESOURCES\]: this process has as many files open as it may.*\ntry: .*ulimit -n/,
      );
      expect(status).toBe(1);
      expect(bed.splice.status()).toEqual({ loaded: false });
    },
  );
});
