/** The results for a terminal: a block a row, a line a variant and figure, a bar for the ratio. */
import { fill } from '../view/width.ts';
import { machineLines } from './machine-text.ts';
import { compact, interval, timesAsGood } from './numbers.ts';
import type { Compared, MetricResult, Result, RowResult, Verdict } from './result.ts';
import { LEAST_TO_TELL, type Range } from './statistics.ts';
import { VARIANT_TITLES, VARIANTS, type Variant } from './variants.ts';

/** A bar is so wide at most; where there is less room than for the least one there is none. */
const WIDEST_BAR = 32;
const LEAST_BAR = 8;
/** What stands before the bar. */
const BEFORE_BAR = 71;
/** TCP's bar takes so much of it; twice as good is twice as long. */
const TCP_SHARE = 1 / 4;
/** Verdicts that stand where the bar would be, and what stands for them where there is no room. */
const MARKS: Partial<Record<Verdict, string>> = { 'no difference seen': '=', 'too few rounds to tell': '?' };
const LONGEST_VERDICT = Math.max(...Object.keys(MARKS).map((verdict) => verdict.length));
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * All of it, without a newline at the end.
 * @param width columns of the terminal; bars give way
 */
export function tableOf(result: Result, width: number = 100): string {
  const barWidth = Math.min(WIDEST_BAR, width - BEFORE_BAR);
  const blocks = [
    `medians of ${result.rounds} ${result.rounds === 1 ? 'round' : 'rounds'} (least to most); ratio to TCP, round by round, ${rangesOf(result)}${marksOf(result, barWidth)}`,
    ...result.rows.map((row) => rowLines(row, result.rounds, barWidth).join('\n')),
    programLines(result).join('\n'),
    [...result.skipped.map(({ id, reason }) => `skipped ${id}: ${reason}`)].join('\n'),
    result.errors.map((error) => `error: ${error}`).join('\n'),
    machineLines(result.machine).join('\n'),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** What is behind the ratios; rows that were cut or had rounds that failed may have another range than the others. */
function rangesOf(result: Result): string {
  const ranges = new Set<Range>(ratiosOf(result).map(({ range }) => range));
  if (!ranges.has('least to most')) return 'with its 95 % confidence interval';
  const tooFew = `least to most (fewer than ${LEAST_TO_TELL} rounds are too few to tell)`;
  return ranges.size === 1 ? tooFew : `with its 95 % confidence interval, or ${tooFew}`;
}

function marksOf(result: Result, barWidth: number): string {
  if (barWidth >= LONGEST_VERDICT) return '';
  const verdicts = new Set(ratiosOf(result).map(({ verdict }) => verdict));
  return Object.entries(MARKS)
    .filter(([verdict]) => verdicts.has(verdict as Verdict))
    .map(([verdict, mark]) => `; ${mark} ${verdict}`)
    .join('');
}

function ratiosOf({ rows }: Result): Compared[] {
  return rows.flatMap(({ metrics }) => metrics.flatMap(({ toTcp }) => Object.values(toTcp)));
}

function rowLines(row: RowResult, rounds: number, barWidth: number): string[] {
  const cut = row.rounds < rounds ? ` (${row.rounds} rounds: time was up)` : '';
  const failures = VARIANTS.flatMap((variant) => {
    const failure = row.variants[variant]?.failure ?? null;
    return failure === null ? [] : [`  ${VARIANT_TITLES[variant]}: no figures: ${failure}`];
  });
  const metrics = row.metrics.flatMap((metric) => metricLines(metric, barWidth));
  return [
    `${row.title}: ${row.tools.join(', ')}${cut}`,
    ...metrics,
    ...guardedLines(row),
    ...failures,
    ...pathLines(row),
  ];
}

function metricLines(metric: MetricResult, barWidth: number): string[] {
  const variants = VARIANTS.filter((variant) => metric.figures[variant]);
  return variants.map((variant, index) => {
    const name = index === 0 ? `${metric.name}, ${metric.unit}` : '';
    return `  ${fill(name, 18, 'left')} ${figureCells(metric, variant, barWidth)}`.trimEnd();
  });
}

function figureCells(metric: MetricResult, variant: Variant, barWidth: number): string {
  const figure = metric.figures[variant];
  if (!figure) return '';
  const spread = `(${compact(figure.least)}–${compact(figure.most)})`;
  const ratio = metric.toTcp[variant];
  const compared = ratio ? `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '';
  const mark = ratio && MARKS[ratio.verdict];
  const cells = [
    fill(VARIANT_TITLES[variant], 11, 'left'),
    fill(compact(figure.median), 6, 'right'),
    fill(spread, 13, 'left'),
    fill(compared, 16, 'left'),
  ].join(' ');
  if (mark) return `${cells} ${barWidth < LONGEST_VERDICT ? mark : ratio.verdict}`;
  if (barWidth < LEAST_BAR || !(ratio || variant === 'tcp')) return cells;
  return `${cells} ${bar(ratio ? timesAsGood(ratio.median, metric.better) : 1, barWidth)}`;
}

/** A bar in eighths of a column; one that is cut ends in an arrow. */
export function bar(times: number, width: number): string {
  const eighths = Math.round(times * width * TCP_SHARE * 8);
  if (eighths > width * 8) return `${'█'.repeat(width - 1)}▶`;
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
}

/** What safety costs, and how far it is from having no network at all: by the first figure. */
function guardedLines({ metrics }: RowResult): string[] {
  const [metric] = metrics;
  const ratios = VARIANTS.flatMap((variant) => {
    const ratio = metric?.guardedTo[variant];
    return ratio ? [`to ${VARIANT_TITLES[variant]} ${ratio.median.toFixed(2)} (${interval(ratio)})`] : [];
  });
  return metric && ratios.length > 0 ? [`  ${metric.name}, guarded ${ratios.join(', ')}`] : [];
}

/** Which way the messages of a splice went, where not all of them were redirected. */
function pathLines(row: RowResult): string[] {
  return VARIANTS.flatMap((variant) => {
    const counted = row.variants[variant]?.counted;
    if (!counted) return [];
    const passed = Object.entries(counted.passes).filter(([, count]) => count > 0);
    const byTcp = passed.reduce((sum, [, count]) => sum + count, 0);
    const share = byTcp / (byTcp + counted.redirects);
    if (!(share >= 0.005)) return [];
    const reasons = passed.map(([reason, count]) => `${reason} ${count}`).join(', ');
    return [`  ${VARIANT_TITLES[variant]}: ${(share * 100).toFixed(0)} % of the messages passed to TCP (${reasons})`];
  });
}

function programLines({ programs }: Result): string[] {
  if (programs.length === 0) return [];
  const lines = programs.map(
    ({ mode, program, row, runs, nsPerRun }) =>
      `  ${fill(mode, 8, 'left')} ${fill(program, 17, 'left')} ${fill(nsPerRun.toFixed(0), 5, 'right')} ns a run, ${runs} runs of ${row}`,
  );
  return ['the programs themselves, counted by the kernel (bpf_stats, which itself takes some of it)', ...lines];
}
