/** What ran out is named, and is never taken for somebody's fault. */
import { expect, test } from 'vitest';
import { exitStatusOf, formatError, SpliceError } from '../../src/core/index.ts';
import { KernelError } from '../../src/core/kernel-error.ts';
import { cutShort, outOfResources } from '../../src/core/resources.ts';

test.each([
  ['EMFILE', 24, /ulimit -n/],
  ['ENFILE', 23, /fs\.file-max/],
  ['ENOMEM', 12, /free memory/],
])('%s, of the kernel and of Node.js, wherever it comes from', (name, errno, remedy) => {
  const errors = [new KernelError('load', errno), Object.assign(new Error(`${name}: open`), { code: name })];
  for (const error of errors) {
    const short = outOfResources(error, 'loading x');
    expect(short).toMatchObject({ code: 'NO_RESOURCES', remedy: expect.stringMatching(remedy) });
    expect(short?.message).toContain(name);
    expect(formatError(error, {})).toMatch(/^error\[NO_RESOURCES\]: .+\ntry: .+$/);
    expect(exitStatusOf(error)).toBe(1);
  }
});

test.each([
  ['EAGAIN', 11],
  ['EINTR', 4],
])('%s while loading is a signal, and elsewhere something else', (_name, errno) => {
  const error = new KernelError('load', errno);
  expect(cutShort(error, 'loading x')).toMatchObject({ code: 'NO_RESOURCES', remedy: 'run it again' });
  expect(outOfResources(error, 'loading x')).toBeNull();
});

test('dlopen says it in words', () => {
  const error = new Error('libbpf.so.1: cannot open shared object file: Too many open files');
  expect(outOfResources(error, 'loading libbpf.so.1')?.code).toBe('NO_RESOURCES');
});

test.each([
  new KernelError('load', 22),
  new KernelError('load', 1),
  new SpliceError('BUSY', 'EMFILE', 'x'),
  new Error('constructor'),
  Object.assign(new Error('x'), { code: 'constructor' }),
  'EMFILE',
  null,
])('nothing ran out: %s', (error) => {
  expect(cutShort(error, 'loading x')).toBeNull();
});
