/** What callers hand over is not taken for something else: not by its type, nor by its name. */
import { expect, test } from 'vitest';
import { checkOptions } from '../../src/core/options.ts';

const KINDS = { force: 'boolean', timeoutMs: 'milliseconds', signal: 'signal', pin: 'path' } as const;
const check = (options: unknown) => checkOptions('del', options as object, KINDS as never);

test.each([
  [{}],
  [{ force: true, timeoutMs: 0 }],
  [{ timeoutMs: Number.POSITIVE_INFINITY }],
  [{ signal: new AbortController().signal, force: undefined }],
  [{ pin: '/sys/fs/bpf/splice' }],
])('%j is taken', (options) => {
  expect(check(options)).toBe(options);
});

test.each([
  [null, 'the options of del are null'],
  ['force', "the options of del are 'force'"],
  [[true], 'the options of del are [ true ]'],
  [{ force: 'no' }, "force of del is 'no'"],
  [{ timeoutMs: Number.NaN }, 'timeoutMs of del is NaN'],
  [{ timeoutMs: -1 }, 'timeoutMs of del is -1'],
  [{ timeoutMs: '5' }, "timeoutMs of del is '5'"],
  [{ signal: {} }, 'signal of del is {}'],
  [{ pin: 'a\0b' }, "pin of del is 'a\\x00b'"],
  [{ froce: true }, "del has no option 'froce'"],
  [{ '\u001b[2J': 1 }, "del has no option '\\x1b[2J'"],
])('%j is refused', (options, message) => {
  expect(() => check(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION', message }));
});

test('a name that is nearly right is named', () => {
  expect(() => check({ froce: true })).toThrow(expect.objectContaining({ remedy: '{force}' }));
});

test('what is needed must be there', () => {
  const put = (socket: object) =>
    checkOptions('put', socket, { pid: 'descriptor', fd: 'descriptor' } as never, ['pid', 'fd'] as never);
  expect(put({ pid: 812, fd: 7 })).toEqual({ pid: 812, fd: 7 });
  expect(() => put({ pid: 812 })).toThrow('fd of put is undefined');
});
