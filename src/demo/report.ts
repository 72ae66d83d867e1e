/** What the demo tells in the end, and over the live view. */
import type { Entry, Status } from '../core/index.ts';
import { PASS_REASONS } from '../core/index.ts';
import { formatBytes, formatCount } from '../view/format.ts';
import { inOrder } from '../view/order.ts';
import { plainTable } from '../view/plain-table.ts';
import type { Comparison, Latency } from './quantiles.ts';

const LABEL_WIDTH = 38;

/** Three lines of at most 80 columns: a title, before, after. */
export function latencyLines({ before, after, live }: Comparison): string[] {
  const rows: [string, Latency, Latency | undefined][] = [
    ['before: TCP, IP, veth, bridge', before, live?.before],
    [`after: spliced, ${ratio(before.p50, after.p50)} times as fast`, after, live?.after],
  ];
  return [
    line('64 bytes there and back, µs', ['paused: p50', 'p99', ...(live ? ['busy: p50', 'p99'] : [])]),
    ...rows.map(([label, paused, busy]) => line(label, [...microseconds(paused), ...(busy ? microseconds(busy) : [])])),
  ];
}

/** The table of entries, the counts, and the two latencies with their ratio. */
export function report(entries: readonly Entry[], status: Status, comparison: Comparison): string {
  const { before, after, live } = comparison;
  const ratios = [ratio(before.p50, after.p50), ratio(before.p99, after.p99)];
  if (live) ratios.push(ratio(live.before.p50, live.after.p50), ratio(live.before.p99, live.after.p99));
  return [
    `${plainTable(inOrder(entries))}\n\n`,
    `${totals(status)}\n\n`,
    ...[...latencyLines(comparison), line('ratio: before / after', ratios)].map((text) => `${text}\n`),
  ].join('');
}

function totals(status: Status): string {
  if (!status.loaded) return 'total: the splice was taken down meanwhile';
  const { redirects, redirectBytes, passes } = status.totals;
  const reasons = PASS_REASONS.filter((reason) => passes[reason] > 0).map((reason) => `${reason} ${passes[reason]}`);
  return [
    `total: ${formatCount(redirects)} messages redirected (${formatBytes(redirectBytes)})`,
    reasons.length > 0 ? `by TCP all the same: ${reasons.join(', ')}` : 'none by TCP',
  ].join('; ');
}

function microseconds({ p50, p99 }: Latency): string[] {
  return [p50.toFixed(1), p99.toFixed(1)];
}

function ratio(before: number, after: number): string {
  return (before / after).toFixed(2);
}

function line(label: string, [p50 = '', p99 = '', livePart = '', liveTail = '']: string[]): string {
  const columns = `${label.padEnd(LABEL_WIDTH)}${p50.padStart(12)}${p99.padStart(8)}`;
  return livePart === '' ? columns : `${columns}${livePart.padStart(13)}${liveTail.padStart(8)}`;
}
