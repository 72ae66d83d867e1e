import { expect, test } from 'vitest';
import { summarize } from '../../src/demo/quantiles.ts';

test('the quantiles are those of all rounds together', () => {
  const odd = Float64Array.from({ length: 100 }, (_, index) => 2 * index + 1);
  const even = Float64Array.from({ length: 100 }, (_, index) => 200 - 2 * index);
  expect(summarize([odd, even])).toEqual({ p50: 101, p99: 199 });
});

test('one sample is both quantiles', () => {
  expect(summarize([Float64Array.of(7)])).toEqual({ p50: 7, p99: 7 });
});
