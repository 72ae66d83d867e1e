/** splice-tui as a user sees it: on a terminal, with real spliced connections. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf, spawnInCgroup } from '../support/peers.ts';
import { Screen, type ScreenOptions } from '../tui/screen.ts';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin/splice-tui.js');

/** Something on the screen before, and how the terminal is set afterwards. */
const AROUND = 'echo before; "$@"; status=$?; stty -a; exit $status';

function tui(bed: TestBed, args: readonly string[] = [], options: ScreenOptions = {}): Screen {
  return new Screen(['sh', '-c', AROUND, 'sh', process.execPath, BIN, '--pin', bed.pin, ...args], options);
}

/** The process id of splice-tui on a screen that tui() made. */
function pidOf(screen: Screen): number {
  return Number(readFileSync(`/proc/${screen.pid}/task/${screen.pid}/children`, 'utf8').trim());
}

function spliced(): TestBed {
  const bed = new TestBed();
  bed.splice.up({ cgroups: [bed.cgroup] });
  return bed;
}

function expectRestored(screen: Screen): void {
  expect(screen.isAlternate).toBe(false);
  expect(screen.isCursorShown).toBe(true);
  expect(screen.lines[0]).toBe('before');
  expect(screen.text).toMatch(/ icanon .* echo /s);
  expect(screen.text).not.toContain('OWN END');
}

describeKernel('the screen of splice-tui', () => {
  test('shows both ends of a connection decoded, and its 23 redirects', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed);
    const [client, server] = [`127.0.0.1:${pair.client.port}`, `127.0.0.1:${pair.server.port}`];

    await screen.shows(new RegExp(`${client} +-> ${server} +ESTAB +0 `));
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    await screen.shows(new RegExp(`${client} +-> ${server} +ESTAB +23 +[\\d.]+ +1\\.4 KiB +0$`, 'm'));
    await screen.shows(new RegExp(`${server} +-> ${client} +ESTAB +0 +[\\d.]+ +0 B +0$`, 'm'));

    expect(screen.isAlternate).toBe(true);
    expect(screen.lines[0]).toMatch(/splice-tui {2}guarded ● redirecting/);
    expect(screen.text).toContain('redirects 23, 1.4 KiB');
    expect(screen.text).toMatch(/map INTERCEPT_MAP \(id \d+\), 2\/65536 entries/);
    expect(screen.text).toContain('passes no peer 0, order 0, backlog 0, pair 0, bypass 0');
    expect(screen.text).toContain(`cgroups ${bed.cgroup}`);
    expect(screen.text).toMatch(new RegExp(`pin ${bed.pin}   refresh every \\d+ ms`));
  });

  test('shows processes where there is room, without what is hostile in their names', async () => {
    await using bed = spliced();
    const script = `
      process.title = '\\x1b[2J\\x1b[31mevil';
      const server = require('net').createServer().listen(0, '127.0.0.1', () => {
        require('net').connect(server.address().port, '127.0.0.1');
      });
      process.stdin.on('end', () => process.exit()).resume();
    `;
    const child = spawnInCgroup(bed.cgroup, [process.execPath, '-e', script], { stdio: ['pipe', 'ignore', 'inherit'] });
    try {
      await using screen = tui(bed, [], { columns: 200, rows: 50 });
      await screen.shows(`${child.pid} \\x1b[2J\\x1b[31m`);
      expect(screen.lines[0]).toContain('splice-tui');
      expect(screen.output).not.toContain('\u001b[2J');
    } finally {
      child.stdin?.end();
      await once(child, 'exit');
    }
  });

  test('space flips the bypass, and back', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed);
    await screen.shows('● redirecting');

    screen.press(' ');
    await screen.shows('○ BYPASS, all by TCP');
    expect(bed.splice.mode()).toBe('bypass');
    await peers.exchange(pair.client, pair.server, 5, 64);
    await screen.shows('bypass 5');

    screen.press(' ');
    await screen.shows('● redirecting');
    expect(bed.splice.mode()).toBe('guarded');
  });

  test('--read-only takes space away', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    await using screen = tui(bed, ['--read-only']);
    await screen.shows('read-only');
    await screen.shows('>');

    screen.press(' j');
    await screen.shows(' 2/2');
    expect(bed.splice.mode()).toBe('guarded');
    expect(screen.text).not.toContain('space');
  });

  test('the selection moves with the keys and follows its entry', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const first = await peers.open();
    const second = await peers.pair();
    await using screen = tui(bed);
    await screen.shows('1/4');
    const selected = () => screen.lines.find((line) => line.startsWith('>')) ?? '';

    for (const [keys, position] of [
      ['\u001b[B', '2/4'],
      ['jj', '4/4'],
      ['\u001b[B', '4/4'],
      ['\u001b[A', '3/4'],
      ['g', '1/4'],
      ['\u001b[6~', '4/4'],
      ['\u001b[5~', '1/4'],
      ['G', '4/4'],
      ['\u001b[H', '1/4'],
      ['\u001b[F', '4/4'],
    ] as const) {
      screen.press(keys);
      await screen.shows((now) => now.lines.at(-1)?.endsWith(position) === true);
    }

    const wanted = `>127.0.0.1:${second.client.port} `;
    while (!selected().startsWith(wanted)) {
      const before = selected();
      screen.press('k');
      await screen.shows(() => selected() !== before);
    }
    await peers.close(first.client);
    await peers.close(first.server);
    await screen.shows(/ [12]\/2$/m);
    expect(selected().startsWith(wanted)).toBe(true);
  });

  test('fits itself to every size, and wraps nothing', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    for (let more = 0; more < 14; more++) await peers.pair();
    await using screen = tui(bed);
    await screen.shows('1/30');

    for (const [columns, rows] of [
      [20, 5],
      [200, 50],
      [60, 10],
      [80, 24],
      [10, 2],
      [79, 30],
      [120, 12],
    ] as const) {
      screen.resize(columns, rows);
      const isFilled = () => rows < 3 || screen.lines[rows - 1]?.endsWith('1/30') === true;
      await screen.shows(() => isFilled() && screen.lines.filter((line) => line.includes('OWN END')).length === 1);
      const titles = screen.lines.findIndex((line) => line.includes('OWN END'));
      const entries = screen.lines.slice(titles + 1, rows < 3 ? rows : rows - 1);
      for (const line of entries.slice(0, 30)) expect(line).toMatch(/^[ >]127\.0/);
      for (const line of screen.lines.slice(0, titles)) expect(line).not.toMatch(/127\.0\.0\.1/);
    }
  });

  test('says what to try when nothing is loaded, and follows the splice up and down', async () => {
    await using bed = new TestBed();
    await using screen = tui(bed);
    await screen.shows(`Nothing is loaded at ${bed.pin}.`);
    expect(screen.text).toContain(`try: splice up --cgroup DIR --pin ${bed.pin}`);

    bed.splice.up({ cgroups: [bed.cgroup] });
    await screen.shows('No entries yet.');
    await using peers = bed.peers();
    const pair = await peers.open();
    await screen.shows(`127.0.0.1:${pair.client.port}`);

    await bed.splice.down();
    await screen.shows('Nothing is loaded');
    expect(screen.text).not.toContain('OWN END');
    bed.splice.up({ cgroups: [bed.cgroup] });
    await screen.shows('No entries yet.');
  });

  test('NO_COLOR takes the colours away, and nothing else', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    await using plain = tui(bed, [], { env: { NO_COLOR: '1' } });
    await plain.shows('> ');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(plain.output).not.toMatch(/\u001b\[(?:[34]\d|9\d|10\d)m/);
    expect(plain.output).toContain('\u001b[7m');

    await using coloured = tui(bed);
    await coloured.shows('> ');
    expect(coloured.output).toContain('\u001b[32m● redirecting');
  });
});

describeKernel('the end of splice-tui', () => {
  test.each([
    ['q', (screen: Screen) => screen.press('q')],
    ['Ctrl-C', (screen: Screen) => screen.press('\u0003')],
    ['SIGINT', (screen: Screen) => process.kill(pidOf(screen), 'SIGINT')],
    ['SIGTERM', (screen: Screen) => process.kill(pidOf(screen), 'SIGTERM')],
    ['SIGHUP', (screen: Screen) => process.kill(pidOf(screen), 'SIGHUP')],
  ])('%s gives the screen back', async (_, end) => {
    await using bed = spliced();
    await using screen = tui(bed);
    await screen.shows('No entries yet.');
    expect(screen.isAlternate).toBe(true);
    expect(screen.isCursorShown).toBe(false);
    end(screen);
    expect(await screen.ends()).toBe(0);
    expectRestored(screen);
  });

  test.each([
    ['with a signal', ['env']],
    ['without a signal, in a session of its own', ['setsid', '--wait']],
  ])('a terminal that goes away ends it quietly, %s', async (_, prefix) => {
    await using bed = spliced();
    const folder = mkdtempSync(join(tmpdir(), 'splice-tui-'));
    const [errors, ended] = [join(folder, 'errors'), join(folder, 'ended')];
    const script = `trap '' HUP; "$@" 2>${errors}; echo $? >${ended}`;
    await using screen = new Screen(['sh', '-c', script, 'sh', ...prefix, process.execPath, BIN, '--pin', bed.pin]);
    await screen.shows('No entries yet.');
    screen.hangUp();
    await screen.ends();
    const seen = { status: readFileSync(ended, 'utf8'), errors: readFileSync(errors, 'utf8') };
    rmSync(folder, { recursive: true });
    // Ink shows the cursor again on stderr too, wherever that goes.
    expect({ ...seen, errors: seen.errors.replace('\u001b[?25h', '') }).toEqual({ status: '0\n', errors: '' });
  });

  test.each([
    ['thrown', "throw new Error('a defect')"],
    ['rejected and forgotten', "Promise.reject(new Error('a defect'))"],
  ])('an exception that is %s gives the screen back and is told', async (_, defect) => {
    const module = (path: string) => JSON.stringify(pathToFileURL(join(ROOT, 'dist', path)));
    const program = `
      import { formatError, openSplice } from ${module('core/index.js')};
      import { showTui } from ${module('tui/main.js')};
      let polls = 0;
      const headline = () => {
        if (++polls === 3) ${defect};
        return ['poll ' + polls];
      };
      try {
        await showTui({ splice: openSplice({ pin: '/sys/fs/bpf/splice-test-none' }), headline });
      } catch (error) {
        console.error(formatError(error));
        process.exitCode = 1;
      }
    `;
    await using screen = new Screen(['sh', '-c', AROUND, 'sh', process.execPath, '--input-type=module', '-e', program]);
    expect(await screen.ends()).toBe(1);
    expect(screen.output).toContain('poll 1');
    expect(screen.lines[1]).toBe('error[UNEXPECTED]: a defect');
    expectRestored(screen);
  });
});

describeKernel('splice-tui without a terminal', () => {
  function run(args: readonly string[]) {
    return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', input: '' });
  }

  test('prints the table once, or the JSON of the contract', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 23, 64);
    const { client } = keysOf(pair);
    const [own, peer] = client.split('->');

    for (const args of [[], ['--once']]) {
      const plain = run(['--pin', bed.pin, ...args]);
      expect(plain).toMatchObject({ status: 0, stderr: '' });
      expect(plain.stdout).toMatch(new RegExp(`^${own} +-> ${peer} +ESTABLISHED +${peers.process.pid} \\S+ +23 `, 'm'));
      expect(plain.stdout).not.toContain('\u001b');
    }
    const json = run(['--pin', bed.pin, '--once', '--json']);
    expect(json).toMatchObject({ status: 0, stderr: '' });
    const entries = JSON.parse(json.stdout) as { key: string }[];
    expect(entries).toHaveLength(2);
    expect(entries.find(({ key }) => key === client)).toMatchObject({ redirects: 23, redirectBytes: 1472, peer: true });
  });

  test('ends well when nobody reads on', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    const command = [process.execPath, BIN, '--once', '--pin', bed.pin];
    for (const [reader, seen] of [
      ['head -1', /^OWN END .*\n$/],
      // It is gone before there is anything to read.
      ['true', /^$/],
    ] as const) {
      const script = `set -o pipefail; { [ "$0" = head ] || sleep 0.5; "$@"; } | ${reader}`;
      const { status, stdout, stderr } = spawnSync('bash', ['-c', script, reader.slice(0, 4), ...command], {
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(seen);
    }
  });

  test.each([[['--once']], [['--once', '--json']], [[]]])('%j says when nothing is loaded', (args) => {
    const { status, stdout, stderr } = run(['--pin', '/sys/fs/bpf/splice-test-none', ...args]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error\[NOT_LOADED\]: .+\ntry: .+\n$/);
  });

  test.each([
    ['--interval', '49'],
    ['--interval', '60001'],
    ['--interval', 'soon'],
    ['--refresh', '3'],
  ])('%s %s is wrong usage', (...args) => {
    const { status, stderr } = run(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error\[BAD_OPTION\]: .+\ntry: .+\n$/);
  });
});
