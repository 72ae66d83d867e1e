/** How many times as good as TCP, with error bars: a card a workload, a lane a variant. */
import { interval, timesAsGood } from '../numbers.ts';
import { PLACE_TITLES, PLACEMENT_TITLES } from '../places.ts';
import type { Compared, MetricResult, RowResult } from '../result.ts';
import type { Range } from '../statistics.ts';
import { VARIANT_TITLES, VARIANTS, type Variant } from '../variants.ts';
import { escapeHtml, join } from './html.ts';
import { LogScale } from './scale.ts';

/** A ratio as it is drawn: to the right is better. */
interface Drawn {
  middle: number;
  low: number;
  high: number;
  range: Range;
}

/** The cards of all rows, on one scale; nothing when no variant has a ratio. */
export function ratioCharts(rows: readonly RowResult[]): string {
  const drawn = rows.flatMap((row) => lanesOf(row).map(({ ratio }) => ratio));
  if (drawn.length === 0) return '';
  const scale = LogScale.around(drawn.flatMap(({ low, high }) => [low, high]));
  const workloads = [...new Set(rows.map(({ workload }) => workload))];
  return join(
    workloads.map((workload) =>
      card(
        rows.filter((row) => row.workload === workload),
        scale,
      ),
    ),
  );
}

function card(rows: readonly RowResult[], scale: LogScale): string | null {
  const [first] = rows;
  const metric = first?.metrics[0];
  if (!first || !metric || rows.every((row) => lanesOf(row).length === 0)) return null;
  const title = first.title.split(', ').slice(0, -2).join(', ');
  return join([
    '<article class="card">',
    `<h3>${escapeHtml(title)}</h3><p class="what">${escapeHtml(metric.name)}, ${metric.better} is better</p>`,
    ...rows.map((row) => group(row, scale)),
    axis(scale),
    '</article>',
  ]);
}

function group(row: RowResult, scale: LogScale): string {
  const drawn = lanesOf(row);
  const isTooFew = drawn.length > 0 && drawn.every(({ ratio }) => ratio.range === 'least to most');
  const lanes = drawn.map(({ variant, ratio, verdict }) => {
    const { middle, low, high } = ratio;
    const [from, to] = [scale.percent(low), scale.percent(high)];
    const title = `${VARIANT_TITLES[variant]}: ${middle.toFixed(2)} times as good as TCP, ${interval(ratio)}; ${verdict}`;
    return join([
      `<div class="lane ${variant}" title="${escapeHtml(title)}">`,
      `<span class="name">${VARIANT_TITLES[variant]}</span>`,
      `<span class="track">${grid(scale)}<i class="whisker" style="left:${from}%;width:${to - from}%"></i><i class="dot" style="left:${scale.percent(middle)}%"></i></span>`,
      `<span class="value"><b>${middle.toFixed(2)}</b> <small>${low.toFixed(2)}–${high.toFixed(2)}</small></span>`,
      '</div>',
    ]);
  });
  return join([
    `<h4>${PLACE_TITLES[row.place]}, ${PLACEMENT_TITLES[row.placement]}${isTooFew ? ': too few rounds to tell' : ''}</h4>`,
    ...lanes,
  ]);
}

function grid(scale: LogScale): string {
  return scale
    .ticks()
    .map((tick) => `<i class="${tick === 1 ? 'one' : 'tick'}" style="left:${scale.percent(tick)}%"></i>`)
    .join('');
}

function axis(scale: LogScale): string {
  // There is no room for all of them on a phone.
  const labels = scale.ticks().map((tick) => {
    const className = Number.isInteger(Math.log2(tick) / 2) ? '' : ' class="minor"';
    return `<i${className} style="left:${scale.percent(tick)}%">${tick}</i>`;
  });
  return `<div class="lane axis"><span class="name">× TCP</span><span class="track">${labels.join('')}</span><span class="value"></span></div>`;
}

function lanesOf(row: RowResult): { variant: Variant; ratio: Drawn; verdict: string }[] {
  const [metric] = row.metrics;
  if (!metric) return [];
  return VARIANTS.flatMap((variant) => {
    const compared = metric.toTcp[variant];
    return compared ? [{ variant, ratio: draw(compared, metric), verdict: compared.verdict }] : [];
  });
}

function draw({ median, low, high, range }: Compared, { better }: MetricResult): Drawn {
  const [one, other] = [timesAsGood(low, better), timesAsGood(high, better)];
  return { middle: timesAsGood(median, better), low: Math.min(one, other), high: Math.max(one, other), range };
}
