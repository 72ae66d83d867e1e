/** The turnaround of an end, drawn: how long its peer took to answer, redirected beside by TCP. */
import { bucketNs, countOf, type Histogram, quantile, type Turnaround } from '../../core/index.ts';
import { formatCount, formatTurnaround } from '../../view/format.ts';
import { heading, type Span, type StyledLine } from '../lines.ts';
import type { Meaning } from '../theme.ts';

/** Eighths of a column. */
const BLOCKS = [...' ▏▎▍▌▋▊▉█'];
const LABEL = 16;
const COUNT = 7;
const WIDEST_BAR = 40;

/** A line a bucket that has something, both halves over the same buckets; null when it is not known. */
export function turnaroundLines(turnaround: Turnaround | null, width: number): StyledLine[] {
  const title = heading('TURNAROUND', ['label', 'from its message to the answer of its peer']);
  if (turnaround === null) return [title, [['label', 'not known']]];
  const { redirected, byTcp } = turnaround;
  const halves = [
    ['spliced', 'redirected', redirected],
    ['byTcp', 'by TCP', byTcp],
  ] as const satisfies readonly (readonly [Meaning, string, Histogram])[];
  const [first, last] = range(redirected, byTcp);
  if (last < first) return [title, [['label', 'no message was answered yet']]];

  const half = Math.min(COUNT + 1 + WIDEST_BAR, Math.floor((width - LABEL) / 2) - 2);
  const beside = (text: (name: string, of: Histogram) => string): StyledLine => [
    ' '.repeat(LABEL),
    ...halves.flatMap(([meaning, name, of]): Span[] => ['  ', [meaning, text(name, of).padEnd(half)]]),
  ];
  const lines = [title, beside((name) => name), beside((_, of) => quantiles(of))];
  for (let bucket = first; bucket <= last; bucket++) {
    lines.push([
      ['label', bucketLabel(bucket).padStart(LABEL)],
      ...halves.flatMap(([meaning, , of]) => ['  ', ...bar(of, bucket, half, meaning)]),
    ]);
  }
  return lines;
}

/** The buckets from the first to the last that have something in either. */
function range(...histograms: readonly Histogram[]): [first: number, last: number] {
  const firsts = histograms.map(({ counts }) => counts.findIndex((count) => count > 0)).filter((at) => at >= 0);
  const lasts = histograms.map(({ counts }) => counts.findLastIndex((count) => count > 0));
  return [Math.min(...firsts), Math.max(...lasts)];
}

function quantiles(histogram: Histogram): string {
  if (countOf(histogram) === 0) return 'none';
  return `p50 ${formatTurnaround(quantile(histogram, 0.5))}  p99 ${formatTurnaround(quantile(histogram, 0.99))}`;
}

function bucketLabel(bucket: number): string {
  // The first bucket has all that is shorter, too.
  if (bucket === 0) return `under ${formatTurnaround(bucketNs(1))}`;
  return `${formatTurnaround(bucketNs(bucket))} to ${formatTurnaround(bucketNs(bucket + 1))}`;
}

/** The count, and a bar as long as its share of the largest bucket. */
function bar({ counts }: Histogram, bucket: number, width: number, meaning: Meaning): Span[] {
  const count = counts[bucket] ?? 0;
  const most = Math.max(1, ...counts);
  const room = width - COUNT - 1;
  const eighths = count === 0 ? 0 : Math.max(1, Math.round((8 * room * count) / most));
  const drawn = '█'.repeat(Math.floor(eighths / 8)) + (eighths % 8 > 0 ? BLOCKS[eighths % 8] : '');
  return [(count === 0 ? '' : formatCount(count)).padStart(COUNT), ' ', [meaning, drawn.padEnd(room)]];
}
