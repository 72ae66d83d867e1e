/** splice-repl without a terminal: expressions, files, standard input. */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { BIN, exitOf, KEY, NOTHING, REVERSE, ReplHome } from '../support/repl.ts';

const home = new ReplHome();
afterAll(() => home[Symbol.dispose]());

describe('the command line', () => {
  test('-e prints the value, as JSON with --json', async () => {
    expect(await home.repl('-e', `reverse("${KEY}")`)).toEqual({ out: `${REVERSE}\n`, err: '', status: 0 });
    expect((await home.repl('-e', `reverse("${KEY}")`, '--json')).out).toBe(`"${REVERSE}"\n`);
    expect((await home.repl('-e', 'var a = 1', '-e', 'await a + 1', '--json', ...NOTHING)).out).toBe('2\n');
  });

  test('pure functions do not even load the library', async () => {
    const isLoaded = 'fs.readFileSync("/proc/self/maps", "utf8").includes("libbpf")';
    expect((await home.repl('-e', `reverse("${KEY}").hex`, '-e', 'help()', '-e', isLoaded)).out).toMatch(/\nfalse\n$/);
  });

  test('runs a file, or standard input, without a prompt', async () => {
    const script = home.file('script.js', `const key = await reverse('${KEY}');\n\nkey;\n`);
    expect(await home.repl(script)).toEqual({ out: `${REVERSE}\n`, err: '', status: 0 });
    expect(await home.repl('-e', 'const a = 1', home.file('later.js', 'a + 1'), '--json')).toMatchObject({
      out: '2\n',
      status: 0,
    });
    const typed = await home.pipe(`reverse('${KEY}')\nstatus()\n`, '--json', ...NOTHING);
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
    expect(await home.repl(...args)).toEqual({ out: '', err: expect.stringMatching(err), status });
  });

  test('an error on standard input ends it', async () => {
    expect(await home.pipe('1\nentris()\n2\n')).toMatchObject({ out: '1\n', status: 1 });
  });

  test('shows a stack trace with DEBUG=splice only', async () => {
    const child = spawn(process.execPath, [BIN, '-e', 'null.x'], {
      env: { ...home.env, DEBUG: 'splice' },
      stdio: 'pipe',
    });
    expect(await text(child.stderr)).toMatch(/^error\[SCRIPT\]: TypeError.*\ntry: .*\nTypeError.*\n {4}at /);
  });

  test('goes on quietly to its end when nobody reads on', async () => {
    const done = join(home.folder, 'done');
    const script = home.file('last.js', 'fs.writeFileSync(process.env.DONE, "")');
    const command = 'set -o pipefail; "$@" | head -c 1';
    for (const option of [[], ['--json']]) {
      const args = ['-e', '"x".repeat(1e6)', '-e', '"y".repeat(1e6)', script, ...option];
      const child = spawn('bash', ['-c', command, 'bash', process.execPath, BIN, ...args], {
        env: { ...home.env, DONE: done },
        stdio: 'pipe',
      });
      const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
      expect({ out: out.length, err, status }).toEqual({ out: 1, err: '', status: 0 });
      expect(existsSync(done)).toBe(true);
      rmSync(done);
    }
  });

  test('--help says how it is used', async () => {
    const { out, status } = await home.repl('--help');
    expect(status).toBe(0);
    for (const word of ['-e, --eval', '--json', '--pin', '[file]']) expect(out).toContain(word);
  });
});
