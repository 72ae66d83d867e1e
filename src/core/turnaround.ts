/** Turnaround: the time from a socket's message to its peer's next one, as log2 histograms. */
import { LAYOUT } from './layout.ts';

/** How many durations were counted, by size; bucket `i` begins at bucketNs(i). */
export interface Histogram {
  readonly counts: readonly number[];
}

/**
 * The time from the last message of a socket to the first that its peer sends after it: where both
 * messages were redirected, and where both went by TCP. Others are not counted. Of a socket's turns the
 * first 1024 are timed, and one in eight from then on (bpf/turn.h).
 */
export interface Turnaround {
  readonly redirected: Histogram;
  readonly byTcp: Histogram;
}

/** How many buckets a histogram has. */
export const BUCKETS = LAYOUT.turnaround.size / 4 / 2;
const FIRST_EXPONENT = 10;

/**
 * Where a bucket begins, in nanoseconds: it has 2^(i+10) ns ≤ t < 2^(i+11) ns. What is shorter is
 * in the first, what is longer in the last.
 */
export function bucketNs(index: number): number {
  return 2 ** (FIRST_EXPONENT + index);
}

/** How many durations a histogram has. */
export function countOf({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The duration in nanoseconds that a part of all do not exceed, for instance 0.5 for the median:
 * on a straight line within its bucket, so it may be wrong by as much as the bucket is wide.
 * @param q from 0 to 1
 * @returns null when nothing was counted
 */
export function quantile(histogram: Histogram, q: number): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  const wanted = Math.min(Math.max(q, 0), 1) * total;
  let before = 0;
  let last = 0;
  for (const [index, count] of histogram.counts.entries()) {
    if (count === 0) continue;
    last = bucketNs(index + 1);
    if (before + count >= wanted) return bucketNs(index) * (1 + (wanted - before) / count);
    before += count;
  }
  return last;
}

/** Decodes a `struct turnaround` that begins at word `index`; a half when it is asked for. */
export function readTurnaround(words: Uint32Array, index: number): Turnaround {
  const half = (from: number): Histogram => ({ counts: [...words.subarray(from, from + BUCKETS)] });
  return {
    get redirected() {
      return half(index);
    },
    get byTcp() {
      return half(index + BUCKETS);
    },
  };
}
