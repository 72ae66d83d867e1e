/** Which lines of /proc/kallsyms are believed: one of each name, with an address. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSymbols } from '../../src/core/kernel-symbols.ts';

const NAMES = ['ep_poll_callback', 'pollwake'] as const;
const AROUND =
  'ffffffff81000000 T _stext\nffffffff81731c20 t ep_poll_callback_other\nffffffff81731c30 t not_ep_poll_callback\n';

test('an address is found wherever the reads cut the text', () => {
  const text = `${AROUND}ffffffff81731c40 t ep_poll_callback\n${AROUND}ffffffff816db080 t pollwake\n${AROUND}`;
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
      expect(findSymbols(chunks, NAMES)).toEqual({
        ep_poll_callback: 0xffffffff81731c40n,
        pollwake: 0xffffffff816db080n,
      });
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
  expect(findSymbols([AROUND, line], NAMES)).toEqual({ ep_poll_callback: 0n, pollwake: 0n });
});

test("a name with the compiler's number behind it is the function", () => {
  expect(findSymbols(['ffffffff81731c40 t pollwake.llvm.1234\n'], ['pollwake'])).toEqual({
    pollwake: 0xffffffff81731c40n,
  });
});
