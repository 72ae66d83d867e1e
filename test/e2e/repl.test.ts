/** splice-repl as it is run: its command line, its terminal, and edits of a real splice. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf, type Pair } from '../support/peers.ts';
import { openQueued, QUEUED_BYTES } from '../support/queued.ts';
import { Screen } from '../tui/screen.ts';

const BIN = join(import.meta.dirname, '../../bin/splice-repl.js');
const KEY = '10.0.0.1:5000->10.0.0.2:80';
const REVERSE = '10.0.0.2:80->10.0.0.1:5000';
const NOTHING = ['--pin', `/sys/fs/bpf/splice-test-none-${process.pid}`];
const PROMPT = 'splice> ';
const [TAB, CTRL_C, CTRL_D, UP] = ['\t', '\x03', '\x04', '\x1b[A'];

const folder = mkdtempSync(join(tmpdir(), 'splice-repl-'));
const { NO_COLOR: _, DEBUG: __, SUDO_UID: ___, SUDO_GID: ____, ...inherited } = process.env;
const env = { ...inherited, XDG_STATE_HOME: folder };

afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  out: string;
  err: string;
  status: number | null;
}

async function run(command: string, args: string[], input = ''): Promise<Result> {
  const child = spawn(command, args, { env, stdio: 'pipe' });
  child.stdin.end(input);
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { out, err, status };
}

const repl = (...args: string[]) => run(process.execPath, [BIN, ...args]);
const pipe = (input: string, ...args: string[]) => run(process.execPath, [BIN, ...args], input);

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', (status) => resolve(status)));
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the command line', () => {
  test('-e prints the value, as JSON with --json', async () => {
    expect(await repl('-e', `reverse("${KEY}")`)).toEqual({ out: `${REVERSE}\n`, err: '', status: 0 });
    expect((await repl('-e', `reverse("${KEY}")`, '--json')).out).toBe(`"${REVERSE}"\n`);
    expect((await repl('-e', 'var a = 1', '-e', 'await a + 1', '--json', ...NOTHING)).out).toBe('2\n');
  });

  test('pure functions do not even load the library', async () => {
    const isLoaded = 'fs.readFileSync("/proc/self/maps", "utf8").includes("libbpf")';
    expect((await repl('-e', `reverse("${KEY}").hex`, '-e', 'help()', '-e', isLoaded)).out).toMatch(/\nfalse\n$/);
  });

  test('runs a file, or standard input, without a prompt', async () => {
    const script = file('script.js', `const key = await reverse('${KEY}');\n\nkey;\n`);
    expect(await repl(script)).toEqual({ out: `${REVERSE}\n`, err: '', status: 0 });
    expect(await repl('-e', 'const a = 1', file('later.js', 'a + 1'), '--json')).toMatchObject({
      out: '2\n',
      status: 0,
    });
    const typed = await pipe(`reverse('${KEY}')\nstatus()\n`, '--json', ...NOTHING);
    expect(typed).toEqual({ out: `"${REVERSE}"\n{"loaded":false}\n`, err: '', status: 0 });
  });

  test.each([
    [['-e', 'key("10.0.0.1:5000->10.0.0.300:80")'], 1, /^error\[BAD_KEY\]: .*10\.0\.0\.300.*\ntry: .*\n$/],
    [['-e', 'entries()', ...NOTHING], 1, /^error\[NOT_LOADED\]: .*\ntry: .*\n$/],
    [['-e', 'entris()'], 1, /^error\[SCRIPT\]: ReferenceError: .*\ntry: .*\n$/],
    [['/no/such/file.js'], 1, /^error\[FILE_NOT_READ\]: .*\ntry: .*\n$/],
    [['--jsno'], 2, /^error\[BAD_OPTION\]: .*--jsno.*\ntry: .*\n$/],
    [['-e'], 2, /^error\[BAD_OPTION\]: .*\ntry: .*\n$/],
    [['one.js', 'two.js'], 2, /^error\[BAD_OPTION\]: .*\ntry: .*\n$/],
  ])('%j ends with status %i', async (args, status, err) => {
    expect(await repl(...args)).toEqual({ out: '', err: expect.stringMatching(err), status });
  });

  test('an error on standard input ends it', async () => {
    expect(await pipe('1\nentris()\n2\n')).toMatchObject({ out: '1\n', status: 1 });
  });

  test('shows a stack trace with DEBUG=splice only', async () => {
    const child = spawn(process.execPath, [BIN, '-e', 'null.x'], { env: { ...env, DEBUG: 'splice' }, stdio: 'pipe' });
    expect(await text(child.stderr)).toMatch(/^error\[SCRIPT\]: TypeError.*\ntry: .*\nTypeError.*\n {4}at /);
  });

  test('goes on quietly to its end when nobody reads on', async () => {
    const done = join(folder, 'done');
    const script = file('last.js', 'fs.writeFileSync(process.env.DONE, "")');
    const command = 'set -o pipefail; "$@" | head -c 1';
    for (const option of [[], ['--json']]) {
      const args = ['-e', '"x".repeat(1e6)', '-e', '"y".repeat(1e6)', script, ...option];
      const child = spawn('bash', ['-c', command, 'bash', process.execPath, BIN, ...args], {
        env: { ...env, DONE: done },
        stdio: 'pipe',
      });
      const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
      expect({ out: out.length, err, status }).toEqual({ out: 1, err: '', status: 0 });
      expect(existsSync(done)).toBe(true);
      rmSync(done);
    }
  });

  test('--help says how it is used', async () => {
    const { out, status } = await repl('--help');
    expect(status).toBe(0);
    for (const word of ['-e, --eval', '--json', '--pin', '[file]']) expect(out).toContain(word);
  });
});

/** The prompt on a terminal of its own. */
function terminal(args: string[], options: { columns?: number; rows?: number } = {}): Screen {
  return new Screen([process.execPath, BIN, ...args], { env, ...options });
}

/** Waits until the last line that is not empty is the prompt with this behind it. */
function prompts(screen: Screen, typed = ''): Promise<void> {
  const wanted = `${PROMPT}${typed}`.trimEnd();
  return screen.shows(({ lines }) => lines.findLast((line) => line !== '')?.trimEnd() === wanted);
}

describe('the terminal', () => {
  beforeEach(() => rmSync(join(folder, 'splice'), { recursive: true, force: true }));

  test('greets, prompts, answers, and leaves with Ctrl-D', async () => {
    await using screen = terminal(NOTHING);
    await prompts(screen);
    expect(screen.lines[0]).toMatch(/^Nothing is loaded at \/sys\/fs\/bpf\/splice-test-none-/);
    screen.press(`reverse('${KEY}')\r`);
    await screen.shows(`\n${REVERSE}\n${PROMPT}`);
    screen.press(CTRL_D);
    expect(await screen.ends()).toBe(0);
  });

  test('Ctrl-C ends a loop, an await and the input, and never the program', async () => {
    await using screen = terminal(NOTHING);
    await prompts(screen);
    // 42 is printed once the endless part is under way.
    const later = 'setTimeout(console.log, 100, 6 * 7);';
    for (const endless of [
      'console.log(6 * 7); for (;;);',
      `${later} await new Promise(() => {})`,
      `${later} new Promise(() => {})`,
    ]) {
      screen.press('\f');
      await screen.shows(({ text }) => text.trim() === PROMPT.trim());
      screen.press(`${endless}\r`);
      await screen.shows('\n42\n');
      screen.press(CTRL_C);
      await screen.shows('interrupted');
      await prompts(screen);
    }
    screen.press('entries(');
    await prompts(screen, 'entries(');
    for (let times = 0; times < 4; times++) screen.press(CTRL_C);
    screen.press('40 + 2\r');
    await screen.shows(/Ctrl-D leaves(?:.|\n)*\n42\nsplice>/);
  });

  test('remembers what was typed', async () => {
    {
      await using screen = terminal(NOTHING);
      await prompts(screen);
      screen.press('40 + 2\r 1 + 1\r');
      await screen.shows('\n2\n');
      screen.press(CTRL_D);
      await screen.ends();
    }
    const kept = join(folder, 'splice/repl_history');
    expect(readFileSync(kept, 'utf8')).toBe('40 + 2\n');
    expect(lstatSync(kept).mode & 0o777).toBe(0o600);
    await using screen = terminal(NOTHING);
    await prompts(screen);
    screen.press(UP);
    await prompts(screen, '40 + 2');
  });
});

describeKernel('without privileges', () => {
  test('the prompt is there, and says what is missing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const asNobody = ['--inh-caps=-all', '--bounding-set=-all', process.execPath, BIN, '--pin', bed.pin];
    const { out, err, status } = await run('setpriv', [...asNobody, '-e', `reverse("${KEY}")`, '-e', 'entries()']);
    expect({ out, status }).toEqual({ out: `${REVERSE}\n`, status: 1 });
    expect(err).toMatch(/^error\[NOT_PERMITTED\]: .*\ntry: .*root.*\n$/);

    await using screen = new Screen(['setpriv', ...asNobody], { env });
    await prompts(screen);
    expect(screen.lines[0]).toMatch(/^The splice cannot be seen: /);
    screen.press(`reverse('${KEY}')\r`);
    await screen.shows(REVERSE);
  });
});

describeKernel('a real splice', () => {
  test("entries() as JSON is the contract's array, and a table at the prompt", async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.exchange(pair.client, pair.server, 23, 64);

    const { out, status } = await repl('--pin', bed.pin, '-e', `entries("${keys.client}")`, '--json');
    expect(status).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const none = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };
    const entry = bed.splice.lookup(keys.client);
    expect(JSON.parse(out)).toEqual([
      {
        ...{ key: keys.client, sip: '127.0.0.1', dip: '127.0.0.1', sport: pair.client.port, dport: pair.server.port },
        ...{ keyHex: entry?.keyHex, cookie: entry?.cookie, state: 'ESTABLISHED', peer: true },
        ...{ redirects: 23, redirectBytes: 23 * 64, passes: none, queuedBytes: 0, ageMs: expect.any(Number) },
        process: { pid: peers.process.pid, comm: entry?.process?.comm },
      },
    ]);

    await using screen = terminal(['--pin', bed.pin]);
    await prompts(screen);
    expect(screen.text).toContain(`The splice at ${bed.pin} (guarded) has 2 entries.`);
    screen.press('entries(e => e.redirects > 0)\r');
    const ends = `127\\.0\\.0\\.1:${pair.client.port} +-> 127\\.0\\.0\\.1:${pair.server.port}`;
    await screen.shows(new RegExp(`\n${ends} .* 23 `));
    expect(Math.max(...screen.lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('Tab picks a living connection; lookup() shows its card', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const keys = keysOf(await peers.open());
    await using screen = terminal(['--pin', bed.pin]);
    await prompts(screen);
    // The two keys differ from the port on; typed apart, or a terminal takes it for pasted text.
    screen.press(`lookup('${keys.server.slice(0, '127.0.0.1:12345->'.length)}`);
    await screen.shows(keys.server.slice(0, 16));
    screen.press(TAB);
    await prompts(screen, `lookup('${keys.server}'`);
    screen.press(')\r');
    await screen.shows(`\n${keys.server}\n  hex `);
    await screen.shows(`reverse    ${keys.client} (present)`);
  });

  test('del and put take a connection out and in again, and every byte arrives', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const bothWays = async ({ client, server }: Pair, count: number) =>
      (await peers.exchange(client, server, count, 64)) && (await peers.exchange(server, client, count, 64));
    await using screen = terminal(['--pin', bed.pin], { columns: 120 });
    await prompts(screen);
    expect(await bothWays(pair, 5)).toBe(true);

    screen.press(`del('${keys.server}')\r`);
    await screen.shows('lostBytes: 0');
    expect(bed.splice.lookup(keys.server)).toBeNull();
    screen.press(`lookup('${keys.server}')\r`);
    await screen.shows('\nnull\n');
    expect(await bothWays(pair, 5)).toBe(true);
    expect(bed.splice.lookup(keys.client)).toMatchObject({ redirects: 5, peer: false });

    const fd = await peers.descriptor(pair.server);
    screen.press(`put('${keys.server}', {pid: ${peers.process.pid}, fd: ${fd}})\r`);
    await screen.shows(`\n${keys.server}\n  hex `);
    expect(bed.splice.lookup(keys.client)?.peer).toBe(true);
    // The first message goes by TCP: what a sleeping reader waits for.
    expect(await bothWays(pair, 10)).toBe(true);
    expect(bed.splice.lookup(keys.client)?.redirects).toBe(14);
    expect(bed.splice.lookup(keys.server)?.redirects).toBe(10);
  });

  test('del says how many bytes nobody reads; Ctrl-C does not cut it short', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { keys, read } = await openQueued(bed, peers);
    await using screen = terminal(['--pin', bed.pin], { columns: 200 });
    await prompts(screen);
    screen.press(`del('${keys.server}', {timeoutMs: 50})\r`);
    await screen.shows(`error[NOT_DRAINED]: ${QUEUED_BYTES} `);

    screen.press(`setTimeout(console.log, 100, 6 * 7); del('${keys.server}')\r`);
    await screen.shows('\n42\n');
    screen.press(CTRL_C);
    await screen.shows('interrupted');
    screen.press(CTRL_D);
    await screen.shows('Waiting for the end of an edit');
    expect(await read()).toBe(true);
    expect(await screen.ends()).toBe(0);
    expect(bed.splice.entries().map((entry) => entry.key)).toEqual([keys.client]);
  });

  test('mode() flips the switch, and status() tells', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const flipped = await repl(
      '--pin',
      bed.pin,
      '-e',
      'mode()',
      '-e',
      "mode('bypass')",
      '-e',
      'status().bypass',
      '--json',
    );
    expect(flipped).toEqual({ out: '"guarded"\n"bypass"\ntrue\n', err: '', status: 0 });
    expect(await repl('--pin', bed.pin, '-e', "mode('fast')")).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^error\[BAD_MODE\]: /),
    });
  });
});
