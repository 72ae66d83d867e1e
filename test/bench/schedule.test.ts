import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_ROWS } from '../../src/bench/rows.ts';
import { interleave, LEAST_ROUNDS, roundMs, roundsInTime, rowMs } from '../../src/bench/schedule.ts';

test('variants take turns', () => {
  const jobs = interleave(['A', 'B', 'C'], 2).map(({ round, variant }) => `${variant}${round}`);
  expect(jobs).toEqual(['A0', 'B0', 'C0', 'A1', 'B1', 'C1']);
});

test('each variant has each round once', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.nat({ max: 20 }), (variants, rounds) => {
      const jobs = interleave(variants, rounds);
      expect(jobs).toHaveLength(variants.length * rounds);
      expect(new Set(jobs.map((job) => JSON.stringify(job))).size).toBe(jobs.length);
    }),
  );
});

const ROWS = fc.shuffledSubarray([...ALL_ROWS], { minLength: 1 });
const ROUNDS = fc.integer({ min: 1, max: 50 });

test('with time enough all rounds are run', () => {
  fc.assert(
    fc.property(ROWS, ROUNDS, (rows, rounds) => {
      const needed = rows.reduce((sum, row) => sum + rowMs(row, rounds), 0);
      expect(roundsInTime(rows, rounds, needed)).toBe(rounds);
      expect(roundsInTime(rows, rounds, Number.POSITIVE_INFINITY)).toBe(rounds);
    }),
  );
});

test('with less there are fewer, but not so few that they say nothing, and never more than were wanted', () => {
  fc.assert(
    fc.property(ROWS, ROUNDS, fc.integer({ min: -1000, max: 2_000_000 }), (rows, rounds, leftMs) => {
      const fitting = roundsInTime(rows, rounds, leftMs);
      expect(fitting).toBeLessThanOrEqual(rounds);
      expect(fitting).toBeGreaterThanOrEqual(Math.min(LEAST_ROUNDS, rounds));
    }),
  );
});

test('row after row, the time that was given is enough where the least number of rounds fits', () => {
  fc.assert(
    fc.property(
      ROWS,
      fc.integer({ min: 4, max: 30 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (rows, rounds, share) => {
        const least = rows.reduce((sum, row) => sum + rowMs(row, LEAST_ROUNDS), 0);
        const most = rows.reduce((sum, row) => sum + rowMs(row, rounds), 0);
        const limit = least + share * (most - least);
        let used = 0;
        for (const [index, row] of rows.entries()) {
          used += rowMs(row, roundsInTime(rows.slice(index), rounds, limit - used));
        }
        expect(used).toBeLessThanOrEqual(limit + Math.max(...rows.map(roundMs)) * LEAST_ROUNDS);
      },
    ),
  );
});

test('the full run is planned to take less than twenty minutes, with five rounds', () => {
  const planned = ALL_ROWS.reduce((sum, row) => sum + rowMs(row, 5), 0);
  expect(planned / 60_000).toBeLessThan(19);
});
