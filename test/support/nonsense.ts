/** Input as it may come from a script or a slip of the hand: mostly wrong, some nearly right. */
import fc from 'fast-check';

/** Any text, control characters and halves of characters included. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '-',
    '--',
    '0',
    '-1',
    '1e9',
    '0x10',
    '\0',
    '\u001b[2J',
    '\n',
    '../..',
    '$(reboot)',
    '__proto__',
  ),
);

/** Any value at all. */
export const anyValue = fc.oneof(
  anyText,
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
  fc.constantFrom<unknown>(Symbol('s'), () => 0, Number.NaN, -0, Number.POSITIVE_INFINITY, null, undefined),
);

/** A whole number that may be a pid or a descriptor, or anything else. */
export const anyNumber = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.integer(), fc.double(), anyValue);

/** Keys: these, damaged; texts; objects with the parts of a key; anything. */
export function anyKey(good: readonly string[]): fc.Arbitrary<unknown> {
  const damaged = fc
    .tuple(fc.constantFrom(...good), fc.nat(50), fc.string({ maxLength: 3 }))
    .map(([key, at, text]) => key.slice(0, at) + text + key.slice(at + 1));
  const parts = fc.record({ sip: anyValue, dip: anyValue, sport: anyNumber, dport: anyNumber });
  return fc.oneof(damaged, parts, anyValue);
}

/** What is no object of options, and objects with some of these options, of any type. */
export function anyOptions(...names: string[]): fc.Arbitrary<unknown> {
  const some = fc.record(Object.fromEntries(names.map((name) => [name, anyValue])), { requiredKeys: [] });
  return fc.oneof(some, some, fc.dictionary(anyText, anyValue), anyValue);
}
