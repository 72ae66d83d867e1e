import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divideScreen } from '../../src/tui/room.ts';

test.each([
  [24, { header: 5, headline: 2, gap: 1, view: 16 }],
  [10, { header: 2, headline: 2, gap: 0, view: 6 }],
  [5, { header: 1, headline: 0, gap: 0, view: 4 }],
  [3, { header: 1, headline: 0, gap: 0, view: 2 }],
  [1, { header: 0, headline: 0, gap: 0, view: 1 }],
])('%d lines', (rows, room) => {
  expect(divideScreen(rows, { header: 5, headline: 2 })).toEqual(room);
});

test('the parts fill the screen exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(6), fc.nat(3), (rows, header, headline) => {
      const room = divideScreen(rows, { header, headline });
      expect(Object.values(room).reduce((sum, lines) => sum + lines, 0)).toBe(rows);
      expect(Math.min(...Object.values(room))).toBeGreaterThanOrEqual(0);
    }),
  );
});
