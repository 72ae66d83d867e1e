import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { deadRun, runName } from '../../src/host/identity.ts';

test('the name of a running demo is not that of a dead one', () => {
  const name = runName('demo');
  expect(name).toMatch(new RegExp(`^splice-demo-${process.pid}-\\d+$`));
  expect(deadRun('demo', name)).toBeNull();
  expect(deadRun('demo', `${name}-switch`)).toBeNull();
});

test('a name is dead once its process has ended', async () => {
  const child = spawn('sleep', ['60']);
  const name = runName('demo', child.pid);
  expect(deadRun('demo', name)).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(deadRun('demo', name)).toBe(name);
  expect(deadRun('demo', `${name}-a`)).toBe(name);
  expect(deadRun('demo', `${name}-3-2`)).toBe(name);
  expect(deadRun('lab', name)).toBeNull();
});

test('a pid that was given out again does not keep a name alive', () => {
  expect(deadRun('demo', `splice-demo-${process.pid}-1`)).toBe(`splice-demo-${process.pid}-1`);
});

test.each([
  'splice',
  'splice-demo',
  'splice-demo-x-1',
  'my-splice-demo-1-1',
  'splice-demo-1-1-',
  'splice-lab-1-1',
  'splice-demo-1',
])("'%s' is no demo's name", (name) => {
  expect(deadRun('demo', name)).toBeNull();
});
