/** Medians, their spread, and ratios of paired rounds with a confidence interval by bootstrap. */

/** Least, middle and greatest of the rounds. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/**
 * What a ratio's `low` and `high` are: an interval that holds the median with 95 % confidence, or of too few rounds
 * no more than what was seen.
 */
export type Range = '95 % interval' | 'least to most';

/** The median of the rounds' ratios, and how sure it is. */
export interface Ratio {
  median: number;
  low: number;
  high: number;
  range: Range;
}

/**
 * Of fewer rounds nothing is said but what was seen: without any difference all of three are on the same side of 1
 * in one case of four, all of five in one of sixteen.
 */
export const LEAST_TO_TELL = 5;

const RESAMPLES = 4000;
const CONFIDENCE = 0.95;
/** Any fixed number: the same rounds always give the same interval. */
const SEED = 0x5eed;

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/**
 * What the rounds say about `values` in relation to `base`, which were measured in the same rounds.
 * A round that one of the two does not have counts for neither; with fewer than `LEAST_TO_TELL` there is no interval.
 * @param values one a round, null where the round failed
 * @returns null when no round has both
 */
export function pairedRatio(values: readonly (number | null)[], base: readonly (number | null)[]): Ratio | null {
  const ratios: number[] = [];
  for (const [round, value] of values.entries()) {
    const other = base[round] ?? null;
    if (value !== null && other !== null && other > 0) ratios.push(value / other);
  }
  if (ratios.length === 0) return null;
  if (ratios.length >= LEAST_TO_TELL) return { median: median(ratios), ...bootstrap(ratios), range: '95 % interval' };
  const { median: middle, least, most } = spreadOf(ratios);
  return { median: middle, low: least, high: most, range: 'least to most' };
}

/** Whether the interval leaves it open that there is no difference at all. */
export function holdsOne({ low, high }: Pick<Ratio, 'low' | 'high'>): boolean {
  return low <= 1 && high >= 1;
}

/**
 * The percentile bootstrap of the median: rounds are drawn again and again, with replacement, and the
 * middle 95 % of the medians are the interval. Of five rounds it is about the least and the most.
 */
function bootstrap(ratios: readonly number[]): { low: number; high: number } {
  const random = randomNumbers(SEED);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(ratios.map(() => ratios[Math.floor(random() * ratios.length)] as number)),
  ).sort((a, b) => a - b);
  const outside = (RESAMPLES * (1 - CONFIDENCE)) / 2;
  return {
    low: medians[Math.floor(outside)] as number,
    high: medians[Math.ceil(RESAMPLES - outside) - 1] as number,
  };
}

/** Numbers from 0 up to 1 that follow from a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
