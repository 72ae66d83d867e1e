import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogScale } from '../../src/bench/page/scale.ts';

test('an axis is from power of two to power of two, with 1 on it', () => {
  expect(LogScale.around([0.6, 3]).ticks()).toEqual([0.5, 1, 2, 4]);
  expect(LogScale.around([1.01]).ticks()).toEqual([0.5, 1, 2]);
});

test('one wild value does not press the others together', () => {
  const scale = LogScale.around([0.9, 1.7, 765.98, 0.003]);
  expect(scale.ticks()).toEqual([0.25, 0.5, 1, 2, 4, 8]);
  expect([scale.percent(765.98), scale.percent(0.003)]).toEqual([100, 0]);
});

test('more is never further left, and all is on the axis', () => {
  const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), value, value, (values, one, other) => {
      const scale = LogScale.around(values);
      const [low, high] = [Math.min(one, other), Math.max(one, other)].map((each) => scale.percent(each));
      expect(low).toBeLessThanOrEqual(high as number);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(100);
    }),
  );
});
