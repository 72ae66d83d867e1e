/** `splice doctor` as a user runs it: on a machine that can, and where something is missing. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCgroup2 } from '../../src/core/index.ts';
import type { Check } from '../../src/doctor/check.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { until } from '../support/kernel.ts';
import { type Circumstances, ROOT, run } from '../support/run.ts';

/** What an application sees on plain TCP, whatever the kernel. */
const ON_TCP: Record<string, string | RegExp> = {
  'FIONREAD, redirected': '5 of 5 bytes',
  'FIONREAD, by TCP': '5 of 5 bytes',
  'splice(2)': '5 of 5 bytes',
  'splice(2), peer closes': '5 of 5 bytes',
  'recv(NULL, MSG_TRUNC)': '5 of 5 bytes',
  SO_PEEK_OFF: "'hel', then 'lo'",
  MSG_WAITALL: '10 of 10 bytes',
  SO_RCVLOWAT: 'readable at 10 of 10 bytes',
  MSG_ZEROCOPY: 'a completion',
  'io_uring send_zc': '5 of 5 bytes',
  TCP_ZEROCOPY_RECEIVE: '5 of 5 bytes',
  MSG_OOB: "'!' out of band, 'az' in band",
  'EAGAIN from recv, signal': 'EINTR',
  'EAGAIN from recv, stopped': '5 bytes',
  SIOCOUTQ: '5 of 5 bytes',
  'send from a bad page': 'EFAULT',
  'reset of a blocked send': 'ECONNRESET',
  SO_TIMESTAMPING: 'a time',
  SO_TIMESTAMP: 'a time',
  TCP_INQ: '3 of 3 bytes',
  TCP_INFO: '5 of 5 bytes',
  // ENOENT of a kernel without CONFIG_TLS, or whose module is not installed.
  kTLS: /^('hello'|TCP_ULP is ENOENT)$/,
  'close with unread bytes': 'ECONNRESET',
  'link down, firewall rule': 'nothing arrives',
};

const LIVE = ['guarded splice', ...Object.keys(ON_TCP)];
const PROGRAMS = ['guarded.bpf.o', 'inspect.bpf.o'];

interface Examination {
  status: number | null;
  stderr: string;
  checks: Check[];
}

function examine(circumstances: Circumstances = {}): Examination {
  const { status, stdout, stderr } = run('splice', ['doctor', '--json'], circumstances);
  return { status, stderr, checks: JSON.parse(stdout) as Check[] };
}

function missingOf(checks: readonly Check[]): string[] {
  return checks.filter(({ result }) => result === 'missing').map(({ name }) => name);
}

/** Exactly these are missing, each with what it means and what to do, and the error is what `up` would say. */
function expectMissing({ status, stderr, checks }: Examination, code: string, names: readonly string[]): void {
  expect(missingOf(checks).toSorted()).toEqual([...names].toSorted());
  for (const check of checks.filter(({ result }) => result === 'missing')) {
    for (const text of [check.saw, check.meaning, check.remedy]) expect(text).not.toBe('');
  }
  expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .+\ntry: .+\n`));
  expect(status).toBe(3);
}

function matches(text: string | undefined, wanted: string | RegExp | undefined): boolean {
  return wanted instanceof RegExp ? wanted.test(text ?? '') : text === wanted;
}

describeKernel('splice doctor', () => {
  test('where tests run, all that a splice needs works, and each experiment has an answer', () => {
    const { status, stderr, checks } = examine();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const check of checks) {
      expect(Object.keys(check).toSorted()).toEqual(['group', 'meaning', 'name', 'remedy', 'result', 'saw']);
      expect(check.remedy === '').toBe(check.result === 'works');
    }
    expect(missingOf(checks)).toEqual([]);
    // Linux has links for sockmaps since 6.10.
    const needed = checks.filter(({ group, name }) => group !== 'sockets' && name !== 'sockmap links');
    for (const check of needed) expect(check).toMatchObject({ result: 'works' });

    const sockets = checks.filter(({ group }) => group === 'sockets');
    expect(sockets.map(({ name }) => name)).toEqual(Object.keys(ON_TCP));
    for (const { name, saw, result } of sockets) {
      const [, spliced, tcp] = /^spliced: (.+); TCP: (.+?)(?:; without a rule: .+)?$/.exec(saw) ?? [];
      expect(matches(tcp, ON_TCP[name]), `${name}: ${tcp}`).toBe(true);
      expect(result).toBe(spliced === tcp ? 'works' : 'deviates');
    }
  });

  test('without privileges', () => {
    const names = [
      'privileges',
      'kernel symbols',
      'SOCK_OPS programs',
      'SK_MSG programs',
      'sockmap links',
      ...PROGRAMS,
      ...LIVE,
    ];
    expectMissing(examine({ unprivileged: true }), 'NOT_PERMITTED', names);
  });

  test('as text', () => {
    const { stdout, status } = run('splice', ['doctor'], { unprivileged: true });
    expect(stdout).toMatch(/^machine\n {2}works {5}Node\.js /);
    for (const group of ['kernel', 'programs', 'sockets']) expect(stdout).toContain(`\n\n${group}\n`);
    expect(stdout).toMatch(/\n {2}missing {3}privileges .*CAP_BPF.*\n {12}.+\n {12}try: run it as root.*\n/);
    expect(stdout).toMatch(/\n\d+ work, \d+ deviate, \d+ missing\n$/);
    expect(status).toBe(3);
  });

  test('no libbpf', () => {
    const library = execFileSync('sh', ['-c', 'ldconfig -p | sed -n "s/.*libbpf.so.1.* => //p"'], { encoding: 'utf8' });
    const values = [library.trim().split('\n')[0] as string];
    const found = examine({ mounts: 'mount --bind /dev/null "$(readlink -f "$1")"', values });
    expectMissing(found, 'NO_LIBBPF', ['libbpf', ...PROGRAMS, ...LIVE]);
  });

  test('no cgroup v2', () => {
    const found = examine({ mounts: 'umount -l "$1"', values: [findCgroup2()] });
    expectMissing(found, 'NO_CGROUP2', ['cgroup v2', ...LIVE]);
  });

  test('no compiled eBPF objects', () => {
    const found = examine({ mounts: 'mount -t tmpfs none "$1"', values: [join(ROOT, 'dist/bpf')] });
    expectMissing(found, 'NO_OBJECT', [...PROGRAMS, ...LIVE]);
  });

  test('no bpffs: up would mount it, so a splice can be used; the doctor leaves none mounted', () => {
    // What is mounted before the end of the doctor would be seen after it.
    const mounts = 'umount /sys/fs/bpf\n"$@" | tail -n 1\nstat -f -c %T /sys/fs/bpf\nexit';
    const { stdout } = run('splice', ['doctor', '--json'], { mounts, container: true });
    const [json = '', type] = stdout.trim().split('\n');
    expect(missingOf(JSON.parse(json))).toEqual(['bpffs']);
    expect(type).not.toBe('bpf_fs');
  });

  test('a place for pins that is none', () => {
    const { status, stdout, stderr } = run('splice', ['doctor', '--json', '--pin', '/tmp/splice-pins']);
    expectMissing({ status, stderr, checks: JSON.parse(stdout) }, 'NO_BPFFS', ['bpffs', ...LIVE]);
  });

  test.each(['SIGKILL', 'SIGINT'] as const)('leaves nothing behind when %s ends it', async (signal) => {
    const doctor = spawn(process.execPath, [join(ROOT, 'bin/splice.js'), 'doctor'], { stdio: 'ignore' });
    const name = `splice-doctor-${doctor.pid}`;
    const [cgroup, pins] = [join(findCgroup2(), name), join('/sys/fs/bpf', name)];
    await until(() => existsSync(join(pins, 'redirect_traffic_link')), 'the doctor has a splice');
    // The naive one comes after it: a doctor that ends in between leaves none either.
    if (signal === 'SIGKILL') await until(() => existsSync(`${pins}-naive`), 'and a naive one');
    doctor.kill(signal);
    await once(doctor, 'exit');
    await until(() => [cgroup, pins, `${pins}-naive`].every((path) => !existsSync(path)), 'what it made is gone');
  });
});
