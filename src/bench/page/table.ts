/** Every figure: a line for each of a row, a column for each variant. On a phone a line is a card. */
import { compact, interval } from '../numbers.ts';
import type { MetricResult, RowResult } from '../result.ts';
import { VARIANT_TITLES, VARIANTS, type Variant } from '../variants.ts';
import { escapeHtml, join } from './html.ts';

/** Every figure and ratio as one HTML table. */
export function figureTable(rows: readonly RowResult[]): string {
  const variants = VARIANTS.filter((variant) => rows.some((row) => row.variants[variant]));
  const heads = ['row', 'figure', ...variants.map((variant) => VARIANT_TITLES[variant])];
  return join([
    '<table>',
    `<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.flatMap((row) => row.metrics.map((metric, index) => line(row, metric, variants, index === 0))),
    '</tbody>',
    '</table>',
  ]);
}

function line(row: RowResult, metric: MetricResult, variants: readonly Variant[], isFirst: boolean): string {
  const cells = variants.map((variant) => cell(row, metric, variant));
  const title = `<th scope="row"${isFirst ? '' : ' class="again"'}>${escapeHtml(row.title)}</th>`;
  const unit = `${escapeHtml(metric.name)}, ${metric.unit}`;
  return `<tr${isFirst ? ' class="first"' : ''}>${title}<td class="metric">${unit}</td>${cells.join('')}</tr>`;
}

function cell(row: RowResult, metric: MetricResult, variant: Variant): string {
  const label = `data-label="${VARIANT_TITLES[variant]}"`;
  const figure = metric.figures[variant];
  const failure = row.variants[variant]?.failure ?? null;
  if (!figure)
    return failure === null ? '<td class="none"></td>' : `<td ${label} class="failed">${escapeHtml(failure)}</td>`;
  const spread = `${compact(figure.least)}–${compact(figure.most)}`;
  const ratio = metric.toTcp[variant];
  const compared = ratio
    ? `<br><span class="ratio ${ratio.verdict.split(' ')[0]}"><b>${ratio.median.toFixed(2)}</b> (${interval(ratio)})${ratio.verdict === 'better' || ratio.verdict === 'worse' ? '' : ` ${ratio.verdict}`}</span>`
    : '';
  const others = variant === 'guarded' ? guardedAgainst(metric) : '';
  return `<td ${label}><span>${compact(figure.median)} <small>${spread}</small>${compared}${others}</span></td>`;
}

function guardedAgainst({ guardedTo }: MetricResult): string {
  const lines = VARIANTS.flatMap((variant) => {
    const ratio = guardedTo[variant];
    return ratio
      ? [`<br><small>to ${VARIANT_TITLES[variant]} ${ratio.median.toFixed(2)} (${interval(ratio)})</small>`]
      : [];
  });
  return lines.join('');
}
