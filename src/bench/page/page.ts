/** The results as one page that needs nothing else: no script, no font, no network. */
import { machineFacts } from '../machine-text.ts';
import { interval } from '../numbers.ts';
import type { MetricResult, Result, RowResult } from '../result.ts';
import { LEAST_TO_TELL } from '../statistics.ts';
import { escapeHtml, join } from './html.ts';
import { latencyCharts } from './latency-chart.ts';
import { ratioCharts } from './ratio-chart.ts';
import { STYLE } from './style.ts';
import { figureTable } from './table.ts';

/** What the page begins with, as far as it was measured: one row of each kind. */
const HEADLINES = ['ping-pong-64@veth/1cpu', 'stream@veth/2cpu', 'redis-20@veth/2cpu', 'nginx@veth/2cpu'];

const PERCENT = 100;

/** A whole HTML document. */
export function pageOf(result: Result): string {
  const { rows, command, startedAt, seconds, machine } = result;
  const charts = ratioCharts(rows);
  const latencies = latencyCharts(rows);
  return join([
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<title>splice bench</title>',
    `<style>${STYLE}</style>`,
    '</head><body>',
    '<h1>splice bench</h1>',
    `<p class="soft">${escapeHtml(startedAt.slice(0, 16).replace('T', ' '))} UTC, ${Math.ceil(seconds / 60)} min, Linux ${escapeHtml(machine.kernel)}: <code>${escapeHtml(command)}</code></p>`,
    headlines(rows),
    charts && section('Times as good as TCP', RATIO_TEXT, `<div class="cards">${charts}</div>`),
    latencies && section('Latencies', LATENCY_TEXT, `<div class="cards">${latencies}</div>`),
    section('Every figure', FIGURE_TEXT, figureTable(rows)),
    problems(result),
    section('The machine', 'Figures hold for it alone, and on a shared one only the ratios do.', facts(result)),
    '</body></html>',
    '',
  ]);
}

const TOO_FEW_TEXT = `Of fewer than ${LEAST_TO_TELL} rounds there is only the least to the most: too few rounds to tell.`;
const RATIO_TEXT = `To the right is better. The dot is the median of the ratios, round by round; the line is its 95 % confidence interval. A line that crosses 1 says: no difference seen. ${TOO_FEW_TEXT} Lines beyond the axis end at its edge.`;
const LATENCY_TEXT =
  'To the left is better. The dot is the median (bold), the thick part the middle half of all messages where the tool tells it, the mark 99 % (small); the scale is logarithmic, and each card has its own.';
const FIGURE_TEXT = `Medians, least and most of the rounds; below them the ratio to TCP with its 95 % confidence interval. ${TOO_FEW_TEXT}`;

function section(title: string, text: string, content: string): string {
  return join([`<section><h2>${title}</h2><p class="soft">${text}</p>`, content, '</section>']);
}

function headlines(rows: readonly RowResult[]): string | null {
  const cards = HEADLINES.flatMap((id) => {
    const row = rows.find((each) => each.id === id);
    const metric = row?.metrics[0];
    const said = metric && headline(metric);
    if (!row || !said) return [];
    return [
      `<li class="card"><b${said.isSeen ? '' : ' class="unseen"'}>${said.text}</b>${escapeHtml(row.title)}<br><small class="soft">${said.of}</small></li>`,
    ];
  });
  return cards.length === 0 ? null : join(['<ul class="short cards">', ...cards, '</ul>']);
}

interface Headline {
  text: string;
  /** The ratio itself. */
  of: string;
  isSeen: boolean;
}

/** `2.10 × the throughput`, or `−44 % p50`. */
function headline({ name, better, toTcp }: MetricResult): Headline | null {
  const ratio = toTcp.guarded;
  if (!ratio) return null;
  const of = `guarded to TCP: ${ratio.median.toFixed(2)} (${interval(ratio)})`;
  const figure = escapeHtml(name);
  if (ratio.verdict !== 'better' && ratio.verdict !== 'worse')
    return { text: `${figure}: ${ratio.verdict}`, of, isSeen: false };
  if (better === 'more') return { text: `${ratio.median.toFixed(2)} × the ${figure}`, of, isSeen: true };
  const change = Math.round((ratio.median - 1) * PERCENT);
  return { text: `${change > 0 ? '+' : '−'}${Math.abs(change)} % ${figure}`, of, isSeen: true };
}

function problems({ skipped, errors }: Result): string | null {
  const lines = [
    ...errors.map((error) => `<li class="errors">error: ${escapeHtml(error)}</li>`),
    ...skipped.map(({ id, reason }) => `<li>skipped ${escapeHtml(id)}: ${escapeHtml(reason)}</li>`),
  ];
  return lines.length === 0 ? null : section('Not measured', '', `<ul>${lines.join('')}</ul>`);
}

function facts({ machine, programs }: Result): string {
  const costs = programs.map(({ mode, program, row, runs, nsPerRun }): [string, string] => [
    `${mode}, ${program}`,
    `${nsPerRun.toFixed(0)} ns a run (${runs} runs of ${row}, counted by the kernel)`,
  ]);
  const lines = [...machineFacts(machine), ...costs].map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return `<dl>${lines.join('')}</dl>`;
}
