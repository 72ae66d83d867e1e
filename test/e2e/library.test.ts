/** docs/library.md: its examples are run as they stand, by somebody who installed the package. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { ROOT } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'splice-library-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(ROOT, join(folder, 'node_modules/sockmap-splice'));
writeFileSync(join(folder, 'package.json'), '{"type": "module"}');

const markdown = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const examples = [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ''], index) => {
  const file = join(folder, `example-${index + 1}.ts`);
  writeFileSync(file, code);
  return file;
});

test('the examples have the types of the package', () => {
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck'];
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout, status } = spawnSync(tsc, [...options, ...types, ...examples], { cwd: folder, encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
});

describeKernel('with a splice', () => {
  test.each(examples.map((file, index) => [index + 1, file]))('example %i runs', async (_, file) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 3, 64);
    const env = { ...process.env, SPLICE_PIN: bed.pin };
    const { stdout, stderr, status } = spawnSync(process.execPath, [String(file)], { env, encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/127\.0\.0\.1|p50|10\.0\.0\.1/);
    expect(bed.splice.entries()).toHaveLength(2);
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
  });
});
