/** No environment variable, and no folder above the package, makes the programs run code that is not theirs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** What is installed with the package; everything else that is found above it was planted. */
const DEPENDENCIES = ['koffi', 'commander', '@koromix'];
const PLANTED = ['react-devtools-core', 'ink', 'react', 'react-reconciler', 'ws', 'yoga-layout'];
const LOUD = { DEV: 'true', NODE_ENV: 'development', DEBUG: 'splice', INK_SCREEN_READER: 'false' };

let folder: string;
let marker: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'splice-planted-'));
  marker = join(folder, 'planted-code-ran');
  const inside = join(folder, 'package');
  for (const part of ['bin', 'dist', 'recordings', 'package.json']) {
    cpSync(join(ROOT, part), join(inside, part), { recursive: true });
  }
  mkdirSync(join(inside, 'node_modules'));
  for (const name of DEPENDENCIES.filter((name) => existsSync(join(ROOT, 'node_modules', name)))) {
    symlinkSync(join(ROOT, 'node_modules', name), join(inside, 'node_modules', name));
  }
  for (const name of PLANTED) {
    const planted = join(folder, 'node_modules', name);
    mkdirSync(planted, { recursive: true });
    writeFileSync(join(planted, 'package.json'), JSON.stringify({ name, version: '99.0.0', main: 'index.js' }));
    writeFileSync(join(planted, 'index.js'), `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program on a terminal of its own, types, and gives what it showed. */
async function onTerminal(command: string, keys: string): Promise<string> {
  const line = `stty cols 100 rows 30; exec ${process.execPath} ${command}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, ...LOUD, TERM: 'xterm', HOME: folder },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const ended = once(child, 'close');
  const deadline = performance.now() + 20_000;
  while (child.exitCode === null && performance.now() < deadline) {
    await sleep(500);
    child.stdin.write(keys);
  }
  child.kill('SIGKILL');
  await ended;
  return shown;
}

test('the live view', async () => {
  const shown = await onTerminal('package/bin/splice-tui.js --replay package/recordings/demo.jsonl', 'q');
  expect(shown).toContain('replay');
  expect(existsSync(marker)).toBe(false);
});

test('the prompt', async () => {
  expect(await onTerminal('package/bin/splice-repl.js', '1000+1\n\u0004')).toContain('1001');
  expect(existsSync(marker)).toBe(false);
});

test('nothing in the bundle looks for packages', () => {
  const view = join(ROOT, 'dist/tui');
  const code = readdirSync(view)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(view, name), 'utf8'));
  expect(code.length).toBeGreaterThan(0);
  for (const text of code) {
    expect(text).not.toMatch(/import\.meta\.resolve|devtools-core/);
    for (const [, name = ''] of text.matchAll(/require\(['"]([^'"]+)['"]\)/g)) expect(isBuiltin(name)).toBe(true);
  }
});
