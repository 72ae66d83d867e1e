/** Figures as text. */
import type { Ratio } from './statistics.ts';

/** Three digits that mean something, and no more than two behind the point: 8.62, 12.1, 104, 91.2k, 1.05M. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 999_500) return `${digits(value / 1e6)}M`;
  if (value >= 9_995) return `${digits(value / 1e3)}k`;
  return digits(value);
}

/** `0.55 to 0.60`, and `0.55 to 0.60, least to most` where the rounds are too few for a confidence interval. */
export function interval({ low, high, range }: Pick<Ratio, 'low' | 'high' | 'range'>): string {
  return `${low.toFixed(2)} to ${high.toFixed(2)}${range === 'least to most' ? `, ${range}` : ''}`;
}

/** How many times as good as TCP: 1/ratio where less is better. */
export function timesAsGood(ratio: number, better: 'less' | 'more'): number {
  return better === 'more' ? ratio : 1 / ratio;
}

function digits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
