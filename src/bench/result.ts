/** What a run found: what --json prints, and what the table and the page are made of. */
import type { Machine } from './machine.ts';
import type { Counted, Measured } from './measurement.ts';
import type { Place, Placement } from './places.ts';
import type { ProgramRow } from './programs.ts';
import { type Row, type Skipped, titleOf } from './rows.ts';
import { holdsOne, median, pairedRatio, type Ratio, type Spread, spreadOf } from './statistics.ts';
import type { Variant } from './variants.ts';
import type { Metric, Quantiles } from './workload.ts';

export type Verdict = 'better' | 'worse' | 'no difference seen' | 'too few rounds to tell';

/** A ratio of paired rounds, with what it says. */
export interface Compared extends Ratio {
  verdict: Verdict;
}

/** A figure of a variant: the rounds one by one, null where there is none, and their spread. */
export interface Figure extends Spread {
  rounds: (number | null)[];
}

export interface MetricResult extends Metric {
  figures: Partial<Record<Variant, Figure>>;
  /** Each variant against TCP. */
  toTcp: Partial<Record<Variant, Compared>>;
  /** Guarded against the others. */
  guardedTo: Partial<Record<Variant, Compared>>;
}

export interface RowResult {
  id: string;
  workload: string;
  title: string;
  place: Place;
  placement: Placement;
  tools: string[];
  rounds: number;
  variants: Partial<Record<Variant, { failure: string | null; counted: Counted | null }>>;
  metrics: MetricResult[];
  /** Latencies at percents of all messages, medians of the rounds. */
  latencies: Partial<Record<Variant, Quantiles>>;
}

export interface Result {
  startedAt: string;
  seconds: number;
  command: string;
  rounds: number;
  machine: Machine;
  rows: RowResult[];
  programs: ProgramRow[];
  skipped: Skipped[];
  /** What should have been measured and was not: the bench has failed then. */
  errors: string[];
}

/** Makes a row's result of what was measured. */
export function summarizeRow(row: Row, measured: readonly Measured[]): RowResult {
  const { workload, place, placement } = row;
  const latencies = measured.map(({ variant, rounds }) => [
    variant,
    medianQuantiles(rounds.map((each) => each?.quantiles)),
  ]);
  return {
    id: row.id,
    workload: workload.name,
    title: titleOf(row),
    place,
    placement,
    tools: workload.tools.map(({ program }) => program),
    rounds: Math.max(...measured.map(({ rounds }) => rounds.length)),
    variants: Object.fromEntries(measured.map(({ variant, failure, counted }) => [variant, { failure, counted }])),
    metrics: workload.metrics.map((metric) => summarizeMetric(metric, measured)),
    latencies: Object.fromEntries(latencies.filter(([, quantiles]) => quantiles !== null)),
  };
}

/** One sentence for each variant that has no figures. That naive's traffic fails is its own hazard, and no error. */
export function errorsOf(row: Row, measured: readonly Measured[]): string[] {
  const failed = measured.filter((each) => each.failure !== null && !(each.variant === 'naive' && isHazard(row, each)));
  return failed.map(({ variant, failure }) => `${row.id}, ${variant}: ${failure}`);
}

/** As far as it was a splice at all: a bystander's sends fail with EACCES, others when an end has no entry. */
function isHazard({ workload }: Row, { counted }: Measured): boolean {
  return !workload.isServerInside || (counted?.redirects ?? 0) > 0;
}

function summarizeMetric(metric: Metric, measured: readonly Measured[]): MetricResult {
  const values = new Map(
    measured.map(({ variant, rounds }) => [variant, rounds.map((round) => round?.values[metric.name] ?? null)]),
  );
  const figures = [...values].flatMap(([variant, rounds]) => {
    const present = rounds.filter((value) => value !== null);
    return present.length === 0 ? [] : [[variant, { ...spreadOf(present), rounds }] as const];
  });
  const against = (base: Variant, variants: readonly Variant[]) =>
    Object.fromEntries(
      variants.flatMap((variant) => {
        const ratio = pairedRatio(values.get(variant) ?? [], values.get(base) ?? []);
        return ratio === null || variant === base ? [] : [[variant, { ...ratio, verdict: judge(ratio, metric) }]];
      }),
    );
  return {
    ...metric,
    figures: Object.fromEntries(figures),
    toTcp: against('tcp', [...values.keys()]),
    guardedTo: Object.fromEntries(
      (['naive', 'unix'] as const).flatMap((base) => {
        const compared = against(base, ['guarded']).guarded;
        return compared ? [[base, compared]] : [];
      }),
    ),
  };
}

function judge(ratio: Ratio, { better }: Metric): Verdict {
  if (ratio.range === 'least to most') return 'too few rounds to tell';
  if (holdsOne(ratio)) return 'no difference seen';
  return ratio.median > 1 === (better === 'more') ? 'better' : 'worse';
}

/** At each percent that the rounds have, the median of the rounds. */
function medianQuantiles(rounds: readonly (Quantiles | undefined)[]): Quantiles | null {
  const present = rounds.filter((round) => round !== undefined);
  const [first] = present;
  if (first === undefined) return null;
  return first.map(
    ([percent], index) => [percent, median(present.map((round) => round[index]?.[1] ?? Number.NaN))] as const,
  );
}
