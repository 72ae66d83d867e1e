/** Latency distributions: for each variant a line over its quantiles, thick where most messages are. */
import { compact } from '../numbers.ts';
import type { RowResult } from '../result.ts';
import { VARIANT_TITLES, VARIANTS, type Variant } from '../variants.ts';
import type { Quantiles } from '../workload.ts';
import { escapeHtml, join } from './html.ts';
import { LogScale } from './scale.ts';

/** Beyond it a run of a second has too few messages to tell. */
const MOST_PERCENT = 99.9;

/** A card for each row that has latencies. */
export function latencyCharts(rows: readonly RowResult[]): string {
  return join(rows.map(card));
}

function card(row: RowResult): string | null {
  const lanes = VARIANTS.flatMap((variant) => {
    const quantiles = row.latencies[variant]?.filter(([percent]) => percent <= MOST_PERCENT) ?? [];
    return quantiles.length > 1 ? [[variant, quantiles] as const] : [];
  });
  const values = lanes.flatMap(([, quantiles]) => quantiles.map(([, value]) => value)).filter((value) => value > 0);
  if (values.length === 0) return null;
  const scale = new LogScale(Math.min(...values) / 1.1, Math.max(...values) * 1.1);
  return join([
    '<article class="card">',
    `<h3>${escapeHtml(row.title)}</h3>`,
    ...lanes.map(([variant, quantiles]) => lane(variant, quantiles, scale)),
    `<div class="lane axis"><span class="name">µs</span><span class="track ends"><i>${compact(scale.least)}</i><i>${compact(scale.most)}</i></span><span class="value"></span></div>`,
    '</article>',
  ]);
}

function lane(variant: Variant, quantiles: Quantiles, scale: LogScale): string {
  const at = (percent: number) => quantiles.find((each) => each[0] === percent)?.[1];
  const [first, last] = [quantiles[0]?.[1] ?? scale.least, quantiles.at(-1)?.[1] ?? scale.most];
  const bar = (className: string, from: number, to: number) =>
    `<i class="${className}" style="left:${scale.percent(from)}%;width:${scale.percent(to) - scale.percent(from)}%"></i>`;
  const mark = (className: string, value: number | undefined) =>
    value === undefined ? '' : `<i class="${className}" style="left:${scale.percent(value)}%"></i>`;
  const [p50, p99] = [at(50), at(99)];
  const all = quantiles.map(([percent, value]) => `p${percent} ${compact(value)} µs`).join(', ');
  return join([
    `<div class="lane ${variant}" title="${escapeHtml(`${VARIANT_TITLES[variant]}: ${all}`)}">`,
    `<span class="name">${VARIANT_TITLES[variant]}</span>`,
    `<span class="track">${bar('whisker', first, last)}${bar('box', at(25) ?? first, at(75) ?? p50 ?? first)}${mark('end', p99)}${mark('dot', p50)}</span>`,
    `<span class="value"><b>${compact(p50 ?? Number.NaN)}</b> <small>${compact(p99 ?? Number.NaN)}</small></span>`,
    '</div>',
  ]);
}
