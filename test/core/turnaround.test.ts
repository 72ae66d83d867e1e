/** Quantiles of log2 histograms. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUCKETS, bucketNs, countOf, quantile, readTurnaround } from '../../src/core/turnaround.ts';

const counts = fc.array(fc.nat(1000), { minLength: BUCKETS, maxLength: BUCKETS });
const part = fc.double({ min: 0, max: 1, noNaN: true });

test('nothing counted has no quantile', () => {
  expect(quantile({ counts: new Array(BUCKETS).fill(0) }, 0.5)).toBeNull();
});

test('the median of one bucket is its middle', () => {
  const one = new Array(BUCKETS).fill(0);
  one[3] = 101;
  expect(quantile({ counts: one }, 0.5)).toBe(1.5 * bucketNs(3));
  expect(quantile({ counts: one }, 0)).toBe(bucketNs(3));
  expect(quantile({ counts: one }, 1)).toBe(bucketNs(4));
});

test('buckets double from 1024 ns', () => {
  expect(bucketNs(0)).toBe(1024);
  expect(bucketNs(BUCKETS)).toBe(2 ** 34);
});

test('a quantile lies in the bucket that has it', () => {
  fc.assert(
    fc.property(counts, part, (counts, q) => {
      const total = countOf({ counts });
      const found = quantile({ counts }, q);
      if (total === 0) return expect(found).toBeNull();
      const index = Math.min(Math.floor(Math.log2((found as number) / 1024)), BUCKETS - 1);
      const below = counts.slice(0, index).reduce((sum, count) => sum + count, 0);
      const within = below + (counts[index] as number);
      // At a border it is the end of one bucket and the beginning of the next.
      expect(below).toBeLessThanOrEqual(q * total + 1e-6);
      expect(within).toBeGreaterThanOrEqual(q * total - 1e-6);
    }),
  );
});

test('quantiles rise', () => {
  fc.assert(
    fc.property(counts, part, part, (counts, one, other) => {
      fc.pre(countOf({ counts }) > 0);
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(quantile({ counts }, low)).toBeLessThanOrEqual(quantile({ counts }, high) as number);
    }),
  );
});

test('the two histograms of a record follow each other', () => {
  const words = Uint32Array.from({ length: 7 + 2 * BUCKETS }, (_, index) => index);
  const { redirected, byTcp } = readTurnaround(words, 7);
  expect(redirected.counts).toEqual([...words.subarray(7, 7 + BUCKETS)]);
  expect(byTcp.counts).toEqual([...words.subarray(7 + BUCKETS)]);
});
