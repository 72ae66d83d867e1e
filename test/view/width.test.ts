import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, displayWidth, fill } from '../../src/view/width.ts';

describe('displayWidth', () => {
  test.each([
    ['nginx', 5],
    ['', 0],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['数据库', 6],
    ['ｗide', 5],
    ['🦊', 2],
  ])('%s takes %d columns', (text, width) => expect(displayWidth(text)).toBe(width));
});

describe('cut', () => {
  test.each([
    ['redis-server', 12, 'redis-server'],
    ['redis-server', 6, 'redis…'],
    ['redis-server', 1, '…'],
    ['redis-server', 0, ''],
    // A wide character is taken whole or not at all.
    ['数据库', 4, '数…'],
    ['数据库', 5, '数据…'],
    ['nai\u0308ve', 4, 'nai\u0308…'],
  ])('%s in %d columns is %s', (text, width, shown) => expect(cut(text, width)).toBe(shown));
});

test('a cell takes exactly its width, whatever is in it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '数', 'e\u0301', '🦊', ' ', 'ｗ') });
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 30 }), fc.constantFrom('left', 'right'), (content, width, align) => {
      expect(displayWidth(fill(content, width, align))).toBe(width);
    }),
  );
});
