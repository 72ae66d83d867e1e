/** Which lines of /proc/kallsyms are believed: one of each name, with an address. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSymbols } from '../../src/core/kernel-symbols.ts';

const NAMES = ['ep_poll_callback', 'pollwake'] as const;
const AROUND =
  'ffffffff81000000 T _stext\nffffffff81731c20 t ep_poll_callback_other\nffffffff81731c30 t not_ep_poll_callback\n';

test('an address is found wherever its line stands', () => {
  const lines = ['ffffffff81731c40 t ep_poll_callback', 'ffffffff816db080 t pollwake', ...AROUND.trim().split('\n')];
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      const expected = { ep_poll_callback: 0xffffffff81731c40n, pollwake: 0xffffffff816db080n };
      expect(findSymbols(`${shuffled.join('\n')}\n`, NAMES)).toEqual(expected);
    }),
  );
});

test.each([
  ['hidden', '0000000000000000 t ep_poll_callback\n'],
  ['missing', ''],
  ['in two places', 'ffffffff81731c40 t ep_poll_callback\nffffffff81731c80 t ep_poll_callback\n'],
  ['of a module', 'ffffffff81731c40 t ep_poll_callback\t[evil]\n'],
  ['data', 'ffffffff81731c40 d ep_poll_callback\n'],
])('a symbol that is %s is unknown', (_what, line) => {
  expect(findSymbols(AROUND + line, NAMES)).toEqual({ ep_poll_callback: 0n, pollwake: 0n });
});

test("a name with the compiler's number behind it is the function", () => {
  expect(findSymbols('ffffffff81731c40 t pollwake.llvm.1234\n', ['pollwake'])).toEqual({
    pollwake: 0xffffffff81731c40n,
  });
});
