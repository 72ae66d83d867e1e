import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortPlaces } from '../../../src/tui/rows/order.ts';

test('sorts as comparing does, keeps equal ones in their order, and has NaN last', () => {
  const key = fc.oneof(fc.double(), fc.integer(), fc.constant(Number.NaN), fc.constant(-0));
  fc.assert(
    fc.property(fc.array(key), fc.boolean(), (keys, isNegated) => {
      const numbers = Float64Array.from(keys, (one) => (isNegated ? -one : one));
      const rank = (place: number) =>
        (Number.isNaN(numbers[place]) ? Number.POSITIVE_INFINITY : numbers[place]) as number;
      const places = Uint32Array.from(keys, (_, index) => index);
      const expected = [...places].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b));
      expect([...sortPlaces(places, numbers)]).toEqual(expected);
    }),
  );
});

test('sorts some of the places, and leaves its input alone', () => {
  const places = Uint32Array.of(3, 1, 0);
  expect([...sortPlaces(places, Float64Array.of(10, 30, 5, 20))]).toEqual([0, 3, 1]);
  expect([...places]).toEqual([3, 1, 0]);
});
