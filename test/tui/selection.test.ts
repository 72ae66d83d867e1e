import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AT_TOP, follow, type Identity, type Lines, moveTo } from '../../src/tui/rows/selection.ts';

/** Entries by the letters of a word: each letter is a cookie. */
function entries(letters: string): Lines {
  return linesOf([...letters].map((cookie) => ({ cookie, key: `key of ${cookie}` })));
}

function linesOf(identities: readonly Identity[]): Lines {
  return {
    length: identities.length,
    identityAt: (index) => identities[index],
    indexOf: ({ cookie, key }) => identities.findIndex((one) => one.cookie === cookie && one.key === key),
  };
}

describe('follow', () => {
  test('keeps the entry selected when others come and go before it', () => {
    const view = moveTo(AT_TOP, entries('abcde'), 3, 2);
    expect(follow(view, entries('bcde'), 3)).toMatchObject({ selected: { cookie: 'c' }, index: 1 });
    expect(follow(view, entries('xyzabcde'), 3)).toMatchObject({ selected: { cookie: 'c' }, index: 5 });
  });

  test('takes the entry that took its place when it is gone, or the last', () => {
    const view = moveTo(AT_TOP, entries('abc'), 3, 1);
    expect(follow(view, entries('ac'), 3).selected).toMatchObject({ cookie: 'c' });
    expect(follow(view, entries('a'), 3)).toMatchObject({ selected: { cookie: 'a' }, index: 0 });
    expect(follow(view, entries(''), 3)).toEqual({ selected: null, index: 0, top: 0 });
  });

  test('does not take a socket for another with the same key', () => {
    const view = moveTo(AT_TOP, linesOf([{ cookie: '1', key: 'k' }]), 3, 0);
    const now = [
      { cookie: '2', key: 'other' },
      { cookie: '3', key: 'k' },
    ];
    expect(follow(view, linesOf(now), 3).selected).toEqual({ cookie: '2', key: 'other' });
  });

  test('returns the same viewport when nothing changed', () => {
    const view = moveTo(AT_TOP, entries('abc'), 2, 2);
    expect(follow(view, entries('abc'), 2)).toBe(view);
  });
});

describe('moveTo', () => {
  test('scrolls no further than it must', () => {
    const at = (top: number, index: number) => moveTo({ ...AT_TOP, top }, entries('abcdefgh'), 3, index).top;
    expect(at(0, 2)).toBe(0);
    expect(at(0, 3)).toBe(1);
    expect(at(4, 5)).toBe(4);
    expect(at(4, 2)).toBe(2);
  });

  test('always has the selection on screen, and no blank lines that could show entries', () => {
    const numbers = fc.integer({ min: -5, max: 60 });
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 20 }), numbers, numbers, (count, height, first, second) => {
        const all = entries('x'.repeat(count));
        const view = moveTo(moveTo(AT_TOP, all, height, first), all, height, second);
        expect(view.index).toBeGreaterThanOrEqual(view.top);
        expect(view.index).toBeLessThan(view.top + height);
        expect(view.top).toBeLessThanOrEqual(Math.max(0, count - height));
      }),
    );
  });
});
