/** Bad input and bad circumstances: each has its code, a remedy, and the right exit status. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findCgroup2 } from '../../src/core/index.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { ROOT, type Run, run } from '../support/run.ts';

function expectError(result: Run, code: string, status: number, ...parts: string[]): void {
  expect(result.stderr).toMatch(new RegExp(`^error\\[${code}\\]: .+`));
  expect(result.stderr).toMatch(/^try: .+$/m);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  for (const part of parts) expect(result.stderr).toContain(part);
  expect(result).toMatchObject({ status, stdout: '' });
}

/** A pin directory that nothing ever makes. */
const NO_PIN = `/sys/fs/bpf/splice-test-${process.pid}-none`;

describeKernel('splice says what is wrong, and what to try', () => {
  test.each([['entries'], ['down'], ['mode']])('nothing loaded: %s', (command) => {
    expectError(run('splice', [command, '--pin', NO_PIN]), 'NOT_LOADED', 1, NO_PIN, 'splice up');
  });

  test('nothing loaded is no error for status', () => {
    expect(run('splice', ['status', '--json', '--pin', NO_PIN])).toEqual({
      status: 0,
      stdout: '{"loaded":false}\n',
      stderr: '',
    });
  });

  test('the pin directory may come from SPLICE_PIN', () => {
    expectError(run('splice', ['entries'], { env: { SPLICE_PIN: NO_PIN } }), 'NOT_LOADED', 1, NO_PIN);
  });

  test.each([
    [['up', '--mode', 'fast'], 'BAD_MODE', "'fast'"],
    [['up', '--max-entries', '1'], 'BAD_OPTION', 'from 2 to'],
    [['up', '--max-entries', '1e3'], 'BAD_OPTION', 'from 2 to'],
    [['up', '--cgruop', '/x'], 'BAD_OPTION', '--cgruop'],
    [['down', '--timeout', '-1'], 'BAD_OPTION', '-1'],
    [['entires'], 'BAD_OPTION', 'entries'],
    [['help', 'stats'], 'BAD_OPTION', 'status'],
    [[], 'BAD_OPTION', 'splice --help'],
    [['up', '--bogus'], 'BAD_OPTION', 'splice up --help'],
    [['up', '--pin', '/sys/fs/bpf/a.b'], 'BAD_OPTION', "no '.' in a name"],
    [['status', '--pin', ''], 'BAD_OPTION', 'no name'],
    [['entries', '--filter', 'prot=80'], 'BAD_FILTER', "'prot'"],
    [['entries', '--filter', 'rate>5'], 'BAD_FILTER', 'not known from one look'],
    [['entries', '--json', '--csv'], 'BAD_OPTION', '--csv'],
    [['mode', 'bypass', 'now'], 'BAD_OPTION', 'arguments'],
  ])('wrong usage: %j', (argv, code, part) => {
    expectError(run('splice', argv), code, 2, part);
  });

  test('an unknown mode of a splice that is up', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    expectError(run('splice', ['mode', 'turbo', '--pin', bed.pin]), 'BAD_MODE', 2, "'turbo'", "'bypass' or 'guarded'");
    expect(run('splice', ['mode', '--pin', bed.pin]).stdout).toBe('guarded\n');
  });

  test('a cgroup that is none', () => {
    const missing = join(findCgroup2(), 'does-not-exist');
    expectError(run('splice', ['up', '--pin', NO_PIN, '--cgroup', missing]), 'NO_SUCH_CGROUP', 1, missing);
    expectError(run('splice', ['up', '--pin', NO_PIN, '--cgroup', '/tmp']), 'NO_SUCH_CGROUP', 1, "'/tmp'");
    expectError(run('splice', ['up', '--pin', NO_PIN, '--cgroup', '/tmp/\u001b[2J']), 'NO_SUCH_CGROUP', 1, '\\x1b[2J');
    expect(existsSync(NO_PIN)).toBe(false);
  });

  test('naive on the root cgroup, without --force', () => {
    expectError(run('splice', ['up', '--mode', 'naive', '--pin', NO_PIN]), 'ROOT_CGROUP', 1, '--force');
  });

  test.each([['up'], ['status'], ['entries']])('without privileges: %s', async (command) => {
    await using bed = new TestBed();
    const more = command === 'up' ? ['--cgroup', bed.cgroup] : [];
    if (command !== 'up') bed.splice.up({ cgroups: [bed.cgroup] });
    const result = run('splice', [command, '--pin', bed.pin, ...more], { unprivileged: true });
    expectError(result, 'NOT_PERMITTED', 3, 'all of its capabilities');
  });

  test('no cgroup v2', () => {
    const none = { mounts: 'umount -l "$1"', values: [findCgroup2()] };
    const up = (container: boolean) => run('splice', ['up', '--pin', NO_PIN], { ...none, container });
    expectError(up(true), 'NO_CGROUP2', 3, 'mount -t cgroup2');
    expectError(up(false), 'NO_CGROUP2', 3, 'nsenter');
  });

  test('no libbpf', () => {
    const library = execFileSync('sh', ['-c', 'ldconfig -p | sed -n "s/.*libbpf.so.1.* => //p"'], { encoding: 'utf8' });
    const values = [library.trim().split('\n')[0] as string];
    const result = run('splice', ['up', '--pin', NO_PIN], {
      mounts: 'mount --bind /dev/null "$(readlink -f "$1")"',
      values,
    });
    expectError(result, 'NO_LIBBPF', 3, 'libbpf1');
    expect(existsSync(NO_PIN)).toBe(false);
  });

  test('no compiled eBPF objects', async () => {
    await using bed = new TestBed();
    const result = run('splice', ['up', '--pin', bed.pin, '--cgroup', bed.cgroup], {
      mounts: 'mount -t tmpfs none "$1"',
      values: [join(ROOT, 'dist/bpf')],
    });
    expectError(result, 'NO_OBJECT', 3, 'npm run build');
    expect(existsSync(bed.pin)).toBe(false);
  });

  test('an object that the verifier rejects: the end of its log, and all of it in a file', async () => {
    await using bed = new TestBed();
    const folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
    const bad = join(folder, 'bad.bpf.o');
    execFileSync('bash', [
      join(ROOT, 'scripts/build-bpf.sh'),
      join(import.meta.dirname, '../support/rejected.bpf.c'),
      bad,
    ]);
    const result = run('splice', ['up', '--pin', bed.pin, '--cgroup', bed.cgroup], {
      mounts: 'mount --bind "$1" "$2"',
      values: [bad, join(ROOT, 'dist/bpf/guarded.bpf.o')],
    });
    rmSync(folder, { recursive: true });
    expectError(result, 'VERIFIER', 3, "invalid mem access 'map_value_or_null'");
    const file = /^try: .*: (.*)$/m.exec(result.stderr)?.[1] as string;
    expect(readFileSync(file, 'utf8')).toContain('handle_sock_ops');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(dirname(file), { recursive: true });
    expect(existsSync(bed.pin)).toBe(false);
  });

  test('a pin directory outside of a bpffs', () => {
    expectError(run('splice', ['up', '--pin', '/tmp/splice-pins']), 'NO_BPFFS', 3, '/tmp');
    expectError(run('splice', ['up', '--pin', '/nowhere/splice']), 'NO_BPFFS', 3, '/nowhere');
  });

  test('mounts the bpffs when there is none', async () => {
    await using bed = new TestBed();
    const { stdout, stderr } = run('splice', ['up', '--pin', bed.pin, '--cgroup', bed.cgroup], {
      mounts: 'umount /sys/fs/bpf',
      container: true,
    });
    expect(stderr).toMatch(/^warning: this is a pid namespace.*\n$/);
    expect(stdout).toMatch(/^up\n/);
  });

  test.each([[['status']], [['status', '--json']], [['mode']], [['entries']]])('%j to a full disk', async (argv) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const script = 'exec "$@" >/dev/full';
    const command = [process.execPath, join(ROOT, 'bin/splice.js'), ...argv, '--pin', bed.pin];
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...command], { encoding: 'utf8' });
    expectError({ status, stdout, stderr }, 'NOT_WRITTEN', 1, 'ENOSPC');
  });

  test('DEBUG=splice adds the stack', () => {
    const { stderr } = run('splice', ['up', '--cgroup', '/tmp'], { env: { DEBUG: 'splice' } });
    expect(stderr).toMatch(/^\s+at /m);
  });
});

describeKernel('splice does what it says', () => {
  test('up, status, entries, mode, down', async () => {
    await using bed = new TestBed();
    const splice = (...argv: string[]) => run('splice', [...argv, '--pin', bed.pin]);
    expect(splice('up', '--cgroup', bed.cgroup).stdout).toMatch(/^up\nmode {7}guarded\n/);
    await using peers = bed.peers();
    expect(splice('up', '--cgroup', bed.cgroup, '--adopt').stdout).toMatch(
      /^already up\n[\s\S]*\nadopted {4}0 connections\n$/,
    );
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 23, 64);
    expect(JSON.parse(splice('status', '--json').stdout)).toMatchObject({ loaded: true, totals: { redirects: 23 } });

    const entries = JSON.parse(splice('entries', '--json').stdout) as { sport: number; key?: string }[];
    const client = entries.find((entry) => entry.sport === pair.client.port);
    expect(Object.keys(client ?? {})).toEqual(
      'key sip dip sport dport keyHex cookie state peer redirects redirectBytes passes queuedBytes ageMs process'.split(
        ' ',
      ),
    );
    expect(client).toMatchObject({ sip: '127.0.0.1', redirects: 23, process: { pid: peers.process.pid } });
    expect(splice('entries', '--csv').stdout.split('\r\n')).toHaveLength(4);
    const filtered = (expression: string) => JSON.parse(splice('entries', '--json', '--filter', expression).stdout);
    expect(filtered(`sport=${pair.client.port} and redirects=23`)).toMatchObject([{ key: client?.key }]);
    expect(filtered('spliced or stuck')).toHaveLength(1);
    expect(filtered(`not port=${pair.client.port}`)).toEqual([]);
    expect(splice('entries', '--csv', '--filter', 'nobody').stdout.split('\r\n')).toHaveLength(2);
    expect(splice('entries').stdout).toContain(`127.0.0.1:${pair.client.port}`);

    expect(splice('mode', 'bypass').stdout).toBe('bypass\n');
    expect(JSON.parse(splice('status', '--json').stdout)).toMatchObject({ mode: 'guarded', bypass: true });
    expect(splice('mode', 'guarded').stdout).toBe('guarded\n');
    expect(splice('down')).toEqual({ status: 0, stdout: 'down: 2 entries removed\n', stderr: '' });
    expect(existsSync(bed.pin)).toBe(false);
  });

  test('every command has help', () => {
    const commands = ['up', 'down', 'status', 'entries', 'mode', 'doctor', 'demo', 'lab'];
    for (const command of commands)
      expect(run('splice', [command, '--help']).stdout).toContain(`Usage: splice ${command}`);
    const { stdout } = run('splice', ['--help']);
    for (const command of [...commands, 'tui', 'repl']) expect(stdout).toContain(`  ${command} `);
    expect(run('splice', ['help'])).toEqual({ status: 0, stdout, stderr: '' });
    expect(run('splice', ['help', 'up'])).toEqual(run('splice', ['up', '--help']));
    expect(run('splice', ['help', 'tui'])).toEqual(run('splice-tui', ['--help']));
  });
});
