/** Where a splice is brought up, looked at and taken down other than on the plain host: it is said, and nothing acts on the wrong thing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { findCgroup2 } from '../../src/core/index.ts';
import type { Check } from '../../src/doctor/check.ts';
import { findIp } from '../../src/host/hosts.ts';
import { runTool } from '../../src/host/tools.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { EdgeReader } from '../support/edge-reader.ts';
import { TestBed, until } from '../support/kernel.ts';
import { Neighbour } from '../support/neighbour.ts';
import { keysOf, Peers, startWith } from '../support/peers.ts';
import { type Circumstances, ROOT, type Run, run } from '../support/run.ts';

const READ_ONLY: Circumstances = { mounts: 'mount -o remount,bind,ro /sys/fs/bpf' };
const SECOND_BPFFS: Circumstances = { mounts: 'mount -t bpf bpf /sys/fs/bpf' };
const IN_PID_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

function expectError({ status, stdout, stderr }: Run, code: string, ...parts: (string | RegExp)[]): void {
  expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .+\ntry: .+\n$`));
  for (const part of parts) expect(stderr).toMatch(part);
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
}

/** The doctor's lines about the place, by name. */
function placeOf(pin: string, circumstances: Circumstances): Map<string, Check> {
  const { stdout } = run('splice', ['doctor', '--json', '--pin', pin], circumstances);
  const checks = (JSON.parse(stdout) as Check[]).filter(({ group }) => group === 'place');
  return new Map(checks.map((check) => [check.name, check]));
}

describeKernel('a mount namespace with another bpffs', () => {
  test.each(['unshare --mount', 'ip netns exec'])('%s: neither "not loaded" nor an up that vanishes', async (way) => {
    await using bed = new TestBed();
    using stack = new DisposableStack();
    let circumstances = SECOND_BPFFS;
    if (way === 'ip netns exec') {
      runTool(findIp(), ['netns', 'add', bed.name]);
      stack.defer(() => runTool(findIp(), ['netns', 'delete', bed.name]));
      const mounts = 'mount -t cgroup2 none /sys/fs/cgroup';
      circumstances = { prefix: [findIp(), 'netns', 'exec', bed.name, 'sh', '-c', `${mounts}; exec "$@"`, 'sh'] };
    }
    bed.splice.up({ cgroups: [bed.cgroup] });
    const cgroup = way === 'ip netns exec' ? join('/sys/fs/cgroup', bed.name) : bed.cgroup;
    for (const argv of [['status'], ['status', '--json'], ['entries'], ['down'], ['mode']]) {
      expectError(
        run('splice', [...argv, '--pin', bed.pin], circumstances),
        'PRIVATE_BPFFS',
        /not seen from here/,
        'nsenter',
      );
    }
    expectError(run('splice', ['up', '--cgroup', cgroup, '--pin', bed.pin], circumstances), 'PRIVATE_BPFFS', 'nsenter');
    expect(placeOf(bed.pin, circumstances).get('mount namespace')).toMatchObject({ result: 'missing' });
    expect(bed.splice.status()).toMatchObject({ loaded: true });
    if (way !== 'ip netns exec') return;
    // What the remedy says.
    const inside = run('splice', ['status', '--json', '--pin', bed.pin], {
      prefix: ['nsenter', `--net=/run/netns/${bed.name}`],
    });
    expect(JSON.parse(inside.stdout)).toMatchObject({ loaded: true, pin: bed.pin });
  });
});

describeKernel('a bpffs that is read-only', () => {
  test('up and down change nothing; what needs no pin works', async () => {
    await using bed = new TestBed();
    expectError(run('splice', ['up', '--cgroup', bed.cgroup, '--pin', bed.pin], READ_ONLY), 'READ_ONLY', 'remount,rw');
    expect(bed.splice.status()).toEqual({ loaded: false });
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expectError(run('splice', ['down', '--force', '--pin', bed.pin], READ_ONLY), 'READ_ONLY', 'nothing was changed');
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: false, draining: 0, removedCgroups: 0 });
    expect(bed.splice.entries()).toHaveLength(2);
    expect(run('splice', ['mode', 'bypass', '--pin', bed.pin], READ_ONLY)).toMatchObject({
      status: 0,
      stdout: 'bypass\n',
    });
    expect(placeOf(bed.pin, READ_ONLY).get('writable bpffs')).toMatchObject({ result: 'missing' });
  });
});

describeKernel('a cgroup that is removed and made again', () => {
  test('status says so, and the same up again splices what is made there', async () => {
    await using bed = new TestBed();
    const [one, two] = [join(bed.cgroup, 'one'), join(bed.cgroup, 'two')];
    const splice = (command: string, ...argv: string[]) => run('splice', [command, ...argv, '--pin', bed.pin]);
    const both = ['--cgroup', one, '--cgroup', two];
    try {
      for (const path of [one, two]) mkdirSync(path);
      splice('up', ...both);
      rmdirSync(one);
      expect(splice('status').stderr).toMatch(/^warning: a cgroup of it was removed.*'splice up'/);
      expect(bed.splice.condition()).toMatchObject({ removedCgroups: 1 });
      expect(placeOf(bed.pin, {}).get('spliced cgroups')).toMatchObject({ result: 'deviates' });
      mkdirSync(one);
      const again = splice('up', ...both);
      expect(again.stderr).toContain(`warning: ${one} was removed and made again`);
      expect(again).toMatchObject({ status: 0, stdout: expect.stringMatching(/^already up\n/) });
      expect(bed.splice.status()).toMatchObject({ cgroups: expect.arrayContaining([one, two]) });
      expect(bed.splice.condition()).toMatchObject({ removedCgroups: 0 });
      {
        await using peers = new Peers(one);
        const pair = await peers.open();
        expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
        expect(bed.splice.lookup(keysOf(pair).client)).toMatchObject({ redirects: 3 });
      }
      // What was never removed is another splice, as before.
      expect(splice('up', '--cgroup', one)).toMatchObject({ status: 1, stderr: expect.stringContaining('ALREADY_UP') });
    } finally {
      await bed.splice.down({ force: true });
      for (const path of [one, two]) {
        await until(() => readFileSync(join(path, 'cgroup.procs'), 'utf8') === '', 'it is empty');
        rmdirSync(path);
      }
    }
  });
});

describeKernel('other tools at the same sockets', () => {
  test.each(['at', 'above', 'below', 'beside'] as const)('another splice %s the cgroup', async (where) => {
    await using bed = new TestBed();
    await using other = new TestBed();
    const below = join(bed.cgroup, 'below');
    mkdirSync(below);
    try {
      const [theirs, ours] = {
        at: [bed.cgroup, bed.cgroup],
        above: [bed.cgroup, below],
        below: [below, bed.cgroup],
        beside: [other.cgroup, bed.cgroup],
      }[where] as [string, string];
      other.splice.up({ cgroups: [theirs] });
      const { status, stdout, stderr } = run('splice', ['up', '--cgroup', ours, '--pin', bed.pin]);
      expect({ status, up: stdout.startsWith('up\n') }).toEqual({ status: 0, up: true });
      if (where === 'beside') expect(stderr).toBe('');
      else
        expect(stderr).toMatch(
          new RegExp(`^warning: another splice, pinned at ${other.pin}, is attached to ${theirs}: .*\n$`),
        );
      const [line] = placeOf(bed.pin, {}).get('other programs')?.saw.split(':') ?? [];
      expect(line?.includes(other.pin) ?? false).toBe(where !== 'beside');
    } finally {
      await bed.splice.down({ force: true });
      await other.splice.down({ force: true });
      rmdirSync(below);
    }
  });

  test('a sockmap that takes the connections first is named, with its program', async () => {
    await using bed = new TestBed();
    using other = new Neighbour();
    other.judge('neighbour_msg');
    other.attach('neighbour_puts', bed.cgroup);
    const { status, stderr } = run('splice', ['up', '--cgroup', bed.cgroup, '--pin', bed.pin]);
    expect(stderr).toMatch(
      new RegExp(
        `^warning: program ${other.id('neighbour_puts')} 'neighbour_puts', attached to ${bed.cgroup}, .*'neighbour_map'`,
      ),
    );
    expect(status).toBe(0);
    await using peers = bed.peers();
    const { client } = keysOf(await peers.open());
    const why = run('splice-repl', ['-e', `why('${client}')`, '--pin', bed.pin]).stdout.replace(/\s+/g, ' ');
    expect(why).toContain(`rogram ${other.id('neighbour_puts')} 'neighbour_puts'`);
  });

  test.each(['at', 'above'] as const)('a program that stands alone %s the cgroup is named', async (where) => {
    await using bed = new TestBed();
    const below = join(bed.cgroup, 'below');
    mkdirSync(below);
    try {
      using other = new Neighbour();
      other.attach('neighbour_puts', bed.cgroup, 'alone');
      const result = run('splice', ['up', '--cgroup', where === 'at' ? bed.cgroup : below, '--pin', bed.pin]);
      expectError(
        result,
        'KERNEL_REFUSED',
        `program ${other.id('neighbour_puts')} 'neighbour_puts' is attached to ${bed.cgroup}`,
        'bpftool cgroup detach',
      );
      expect(bed.splice.status()).toEqual({ loaded: false });
    } finally {
      rmdirSync(below);
    }
  });
});

describeKernel('a cgroup namespace', () => {
  const root = findCgroup2();
  /** In the cgroup, which is the root of all that it sees. */
  const inside = (cgroup: string): Circumstances => ({
    prefix: [
      ...[
        'sh',
        '-c',
        'echo $$ >"$1/cgroup.procs"; shift; exec "$@"',
        'sh',
        cgroup,
        'unshare',
        '--cgroup',
        '--mount',
        '--',
      ],
      ...['sh', '-c', 'umount -l "$1"; mount -t cgroup2 none "$1"; shift; exec "$@"', 'sh', root],
    ],
  });

  test('its root is not the machine’s, which up says', async () => {
    await using bed = new TestBed();
    const { status, stderr } = run('splice', ['up', '--pin', bed.pin], inside(bed.cgroup));
    expect(stderr).toMatch(new RegExp(`^warning: ${root} is the root of this cgroup namespace, not of the machine`));
    expect(status).toBe(0);
    expect(bed.splice.status()).toMatchObject({ cgroups: [bed.cgroup] });
    expect(placeOf(bed.pin, inside(bed.cgroup)).get('cgroup namespace')).toMatchObject({ result: 'deviates' });
  });

  test('a cgroup outside of it is out of sight, not removed', async () => {
    await using bed = new TestBed();
    await using other = new TestBed();
    other.splice.up({ cgroups: [other.cgroup] });
    const { stdout, stderr } = run('splice', ['status', '--pin', other.pin], inside(bed.cgroup));
    expect(stdout).toMatch(/\(cgroup \d+, outside of this cgroup namespace\)/);
    expect(stderr).toBe('');
  });
});

describeKernel('a pid namespace', () => {
  test('numbers its processes as it does: they are shown, adopted and deleted; those outside are not touched', async () => {
    await using bed = new TestBed();
    await using outside = bed.peers();
    await using inside = bed.peers(IN_PID_NAMESPACE);
    const [there, here] = [await outside.open(), await inside.open()];
    const child = childOf(inside.process.pid as number);
    const enter: Circumstances = { prefix: ['nsenter', '--pid', '--mount', `--target=${child}`] };
    const call = (name: string, ...argv: string[]) => run(name, [...argv, '--pin', bed.pin], enter);

    const up = call('splice', 'up', '--cgroup', bed.cgroup, '--adopt');
    expect(up.stdout).toContain('adopted    1 connection\n');
    expect(up.stderr).toMatch(/^warning: this is a pid namespace/);
    const mine = JSON.parse(call('splice', 'entries', '--json').stdout) as {
      key: string;
      process: { pid: number } | null;
    }[];
    expect(mine.map(({ key }) => key).toSorted()).toEqual(Object.values(keysOf(here)).toSorted());
    expect(mine.map(({ process }) => process?.pid)).toEqual([1, 1]);
    expect(bed.splice.lookup(keysOf(here).client)?.process?.pid).toBe(Number(child));

    expect(bed.splice.adopt()).toMatchObject({ adopted: 1 });
    const all = JSON.parse(call('splice', 'entries', '--json').stdout) as typeof mine;
    const outer: string[] = Object.values(keysOf(there));
    expect(all.filter(({ key }) => outer.includes(key)).map(({ process }) => process)).toEqual([null, null]);
    for (const pair of [keysOf(here), keysOf(there)]) {
      expect(call('splice-repl', '-e', `del('${pair.server}')`)).toMatchObject({ status: 0 });
    }
    expect(await inside.exchange(here.client, here.server, 3, 64)).toBe(true);
    expect(await outside.exchange(there.client, there.server, 3, 64)).toBe(true);
    expect(placeOf(bed.pin, enter).get('pid namespace')).toMatchObject({ result: 'deviates' });
    expect(call('splice', 'down')).toMatchObject({ status: 0 });
  });

  test.each(['the host', 'inside'])('an edge-triggered reader in it is told again by a down from %s', async (from) => {
    await using bed = new TestBed();
    using stack = new DisposableStack();
    const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
    stack.defer(() => rmSync(folder, { recursive: true }));
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    startWith(IN_PID_NAMESPACE);
    stack.defer(() => startWith([]));
    await using reader = new EdgeReader(bed.cgroup, folder);
    const client = await peers.connect(await reader.port());
    await reader.watching();
    await peers.send(client, 1, 1000);
    const prefix = from === 'inside' ? ['nsenter', '--pid', '--mount', `--target=${childOf(reader.pid)}`] : [];
    const down = start('splice', ['down', '--pin', bed.pin], prefix);
    await until(() => bed.splice.condition().halfDone, 'it drains');
    // Behind the redirected bytes, while the entry is drained.
    await peers.send(client, 1, 1000);
    reader.begin();
    expect(await down).toEqual({
      status: 0,
      stderr: from === 'inside' ? expect.stringMatching(/^warning: this is a pid/) : '',
    });
    await until(() => reader.total === 2000, 'all was read');
  });
});

/** The process in the namespace, as the host numbers it. */
function childOf(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
}

/** Runs a program beside the test. */
async function start(name: string, argv: readonly string[], prefix: readonly string[]) {
  const [file = '', ...rest] = [...prefix, process.execPath, join(ROOT, `bin/${name}.js`), ...argv];
  const child = spawn(file, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { status, stderr };
}
