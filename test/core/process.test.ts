/** What is told of processes: real ones, of this test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { processDetail } from '../../src/core/process.ts';

/** A process with these arguments, until the work is done. */
async function running<Value>(argv: string[], work: (pid: number) => Value): Promise<Value> {
  const child = spawn('sleep', ['60'], { argv0: argv[0] as string, stdio: 'ignore' });
  await once(child, 'spawn');
  const gone = once(child, 'exit');
  try {
    return work(child.pid as number);
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

test('the command line with spaces, and the cgroup', async () => {
  const detail = await running(['a b'], processDetail);
  const cgroup = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
  expect(detail).toEqual({ cmdline: 'a b 60', cgroup });
});

test('nothing in it steers a terminal', async () => {
  const detail = await running(['\u001b[2J\u009b\u202e\n'], processDetail);
  expect(detail?.cmdline).toBe('\\x1b[2J\\x9b\\u{202e}\\x0a 60');
});

test('a long one is cut', async () => {
  const detail = await running(['x'.repeat(10_000)], processDetail);
  expect(detail?.cmdline).toHaveLength(4096);
  expect(detail?.cmdline.endsWith('x…')).toBe(true);
});

test('one that is gone is null', async () => {
  let pid = 0;
  await running(['x'], (running) => {
    pid = running;
  });
  expect(processDetail(pid)).toBeNull();
});
