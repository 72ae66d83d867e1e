import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { deadDemo, demoName } from '../../src/demo/identity.ts';

test('the name of a running demo is not that of a dead one', () => {
  const name = demoName();
  expect(name).toMatch(new RegExp(`^splice-demo-${process.pid}-\\d+$`));
  expect(deadDemo(name)).toBeNull();
  expect(deadDemo(`${name}-switch`)).toBeNull();
});

test('a name is dead once its process has ended', async () => {
  const child = spawn('sleep', ['60']);
  const name = demoName(child.pid);
  expect(deadDemo(name)).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(deadDemo(name)).toBe(name);
  expect(deadDemo(`${name}-a`)).toBe(name);
});

test('a pid that was given out again does not keep a name alive', () => {
  expect(deadDemo(`splice-demo-${process.pid}-1`)).toBe(`splice-demo-${process.pid}-1`);
});

test.each(['splice', 'splice-demo', 'splice-demo-x-1', 'my-splice-demo-1-1', 'splice-demo-1-1-a-b', 'splice-demo-1'])(
  "'%s' is no demo's name",
  (name) => {
    expect(deadDemo(name)).toBeNull();
  },
);
