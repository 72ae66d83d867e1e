import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holdsOne, LEAST_TO_TELL, median, pairedRatio, spreadOf } from '../../src/bench/statistics.ts';

const POSITIVE = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const SOME = fc.array(POSITIVE, { minLength: 1, maxLength: 15 });

test('the median of an even number of values is between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([])).toBeNaN();
});

test('half of the values are not above the median, half are not below, whatever their order', () => {
  fc.assert(
    fc.property(SOME, (values) => {
      const middle = median(values);
      expect(values.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(values.length);
      expect(values.filter((value) => value >= middle).length * 2).toBeGreaterThanOrEqual(values.length);
      expect(median(values.toReversed())).toBe(middle);
    }),
  );
});

test('a spread holds every value', () => {
  fc.assert(
    fc.property(SOME, (values) => {
      const { least, most } = spreadOf(values);
      expect([Math.min(...values), Math.max(...values)]).toEqual([least, most]);
    }),
  );
});

test('an interval is around the median, and within what the rounds saw', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(POSITIVE, POSITIVE), { minLength: 1, maxLength: 12 }), (rounds) => {
      const ratios = rounds.map(([value, base]) => value / base);
      const ratio = pairedRatio(
        rounds.map(([value]) => value),
        rounds.map(([, base]) => base),
      );
      expect(ratio?.median).toBe(median(ratios));
      expect(ratio?.low).toBeLessThanOrEqual(ratio?.median as number);
      expect(ratio?.high).toBeGreaterThanOrEqual(ratio?.median as number);
      expect(ratio?.low).toBeGreaterThanOrEqual(Math.min(...ratios));
      expect(ratio?.high).toBeLessThanOrEqual(Math.max(...ratios));
    }),
    { numRuns: 40 },
  );
});

test('a machine that is slower in a round is so for both, and changes no ratio', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(POSITIVE, POSITIVE, fc.constantFrom(1, 2, 4, 0.5)), { minLength: 2, maxLength: 9 }),
      (rounds) => {
        const quiet = pairedRatio(
          rounds.map(([value]) => value),
          rounds.map(([, base]) => base),
        );
        const loaded = pairedRatio(
          rounds.map(([value, , load]) => value * load),
          rounds.map(([, base, load]) => base * load),
        );
        expect(loaded).toEqual(quiet);
      },
    ),
    { numRuns: 40 },
  );
});

test('below five rounds the range is the least to the most, and no confidence is claimed', () => {
  fc.assert(
    fc.property(fc.array(POSITIVE, { minLength: 1, maxLength: 9 }), (ratios) => {
      const ratio = pairedRatio(
        ratios,
        ratios.map(() => 1),
      );
      if (ratios.length >= LEAST_TO_TELL) {
        expect(ratio?.range).toBe('95 % interval');
        return;
      }
      expect(ratio).toEqual({
        median: median(ratios),
        low: Math.min(...ratios),
        high: Math.max(...ratios),
        range: 'least to most',
      });
    }),
    { numRuns: 40 },
  );
});

test('only rounds that both sides have count towards the five', () => {
  const ones = [1, 1, 1, 1, 1];
  expect(pairedRatio([2, 2, 2, 2, 2], ones)?.range).toBe('95 % interval');
  expect(pairedRatio([2, 2, null, 2, 2], ones)?.range).toBe('least to most');
});

test('rounds that one side does not have count for neither', () => {
  expect(pairedRatio([2, null, 6], [1, 1, null])?.median).toBe(2);
  expect(pairedRatio([null, 1], [1, null])).toBeNull();
  expect(pairedRatio([1, 2, 3], [])).toBeNull();
});

test('the same rounds always give the same interval', () => {
  const [values, base] = [
    [3, 5, 4, 6, 2],
    [1, 2, 3, 2, 1],
  ];
  expect(pairedRatio(values, base)).toEqual(pairedRatio(values, base));
});

test('an interval of many rounds that scatter around 1 holds 1, one far from it does not', () => {
  const around = Array.from({ length: 21 }, (_, index) => 0.9 + index / 100);
  const ones = around.map(() => 1);
  expect(holdsOne(pairedRatio(around, ones) ?? { low: 0, high: 0 })).toBe(true);
  const twice = around.map((value) => value * 2);
  const ratio = pairedRatio(twice, ones);
  expect(ratio && holdsOne(ratio)).toBe(false);
  // Narrower than all that was seen: the median of 21 rounds is surer than any one of them.
  expect((ratio?.high ?? 0) - (ratio?.low ?? 0)).toBeLessThan(0.3);
});
