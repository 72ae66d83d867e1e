/** What `npm pack` makes, installed elsewhere, on a PATH that has Node.js and nothing else. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findCgroup2 } from '../../src/core/index.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { Screen } from '../tui/screen.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'splice-pack-'));
const path = join(folder, 'path');
const installed = join(folder, 'installed');
let tarball = '';

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Runs an installed command without a compiler in reach. */
function run(bin: string, ...args: string[]): { stdout: string; stderr: string; status: number | null } {
  const command = join(installed, 'node_modules/.bin', bin);
  return spawnSync(command, args, { env: { PATH: path }, cwd: folder, encoding: 'utf8' });
}

beforeAll(() => {
  mkdirSync(installed);
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, 'node'));
  npm(ROOT, 'pack', '--pack-destination', folder);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  npm(installed, 'install', '--prefix', installed, '--omit=dev', '--prefer-offline', '--loglevel=error', tarball);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('the tarball', () => {
  test('carries an object for each eBPF program, the JavaScript and the licences', () => {
    const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    const objects = globSync(join(ROOT, 'bpf/*.bpf.c')).map((file) => `dist/bpf/${basename(file, '.c')}.o`);

    expect(objects.length).toBeGreaterThan(0);
    for (const file of [
      ...objects,
      'LICENSE',
      'bpf/LICENSE',
      'bpf/LICENSE.GPL-2.0',
      'dist/core/index.js',
      'dist/tui/LICENSES.txt',
      'recordings/demo.jsonl',
    ]) {
      expect(files).toContain(`package/${file}`);
    }
    expect(files.filter((file) => /^package\/(src|test|bench|scripts|node_modules)\/|\/\./.test(file))).toEqual([]);
  });

  test('tells nothing about the machine it was made on', () => {
    const found = spawnSync('grep', ['-rlF', ROOT, join(installed, 'node_modules/sockmap-splice')], {
      encoding: 'utf8',
    });

    expect(found).toMatchObject({ stdout: '', status: 1 });
  });
});

describe('installed from it', () => {
  test('splice prints its help', () => {
    const help = run('splice', '--help');

    expect(help).toMatchObject({ stderr: '', status: 0 });
    for (const command of ['up', 'down', 'status', 'entries', 'mode', 'demo']) expect(help.stdout).toContain(command);
  });

  test('splice-repl evaluates', () => {
    const result = run('splice-repl', '-e', 'reverse("10.0.0.1:5000->10.0.0.2:80")');

    expect(result).toMatchObject({ stdout: '10.0.0.2:80->10.0.0.1:5000\n', stderr: '', status: 0 });
  });

  test('splice-tui brings Ink and React along', async () => {
    expect(existsSync(join(installed, 'node_modules/ink')), 'what it brings along is installed, too').toBe(false);
    const recording = join(installed, 'node_modules/sockmap-splice/recordings/demo.jsonl');
    const command = [join(installed, 'node_modules/.bin/splice-tui'), '--replay', recording];
    await using screen = new Screen(command, { env: { PATH: path } });
    await screen.shows('INTERCEPT_MAP');
    screen.press('q');
    expect(await screen.ends()).toBe(0);
    const licences = readFileSync(join(installed, 'node_modules/sockmap-splice/dist/tui/LICENSES.txt'), 'utf8');
    expect(licences).toMatch(/^ink \d[\s\S]*^react \d[\s\S]*^yoga-layout \d/m);
  });

  test('it can be imported as a library', () => {
    const code = `const { SockKey } = await import('sockmap-splice');
      console.log(SockKey.from('1.2.3.4:5->6.7.8.9:10').reverse().toString());`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: installed,
      encoding: 'utf8',
    });

    expect(result).toMatchObject({ stdout: '6.7.8.9:10->1.2.3.4:5\n', stderr: '', status: 0 });
  });
});

describeKernel('installed from it, with the kernel', () => {
  const name = `splice-pack-${process.pid}`;
  const pin = ['--pin', `/sys/fs/bpf/${name}`];

  test('goes up, is seen, and comes down', () => {
    const cgroup = join(findCgroup2(), name);
    mkdirSync(cgroup);
    onTestFinished(() => {
      run('splice', 'down', ...pin, '--force');
      rmdirSync(cgroup);
    });

    expect(JSON.parse(run('splice', 'status', '--json', ...pin).stdout)).toEqual({ loaded: false });

    expect(run('splice', 'up', '--cgroup', cgroup, ...pin)).toMatchObject({ stderr: '', status: 0 });
    expect(JSON.parse(run('splice', 'status', '--json', ...pin).stdout)).toMatchObject({
      loaded: true,
      mode: 'guarded',
      cgroups: [cgroup],
      map: { name: 'INTERCEPT_MAP', entries: 0 },
    });

    expect(run('splice', 'down', ...pin)).toMatchObject({ stderr: '', status: 0 });
    expect(JSON.parse(run('splice', 'status', '--json', ...pin).stdout)).toEqual({ loaded: false });
  });
});
