/** One entry as a card: everything there is to know of it, a line each. */
import type { Entry, EntryJson } from '../core/index.ts';
import { SockKey } from '../core/index.ts';
import { REASON_LABELS } from '../view/columns.ts';
import { formatAge, formatBytes } from '../view/format.ts';

/** The card of an entry, several lines without a newline at the end. */
export function entryCard(entry: EntryJson & Partial<Pick<Entry, 'verdict' | 'verdictMs' | 'cgroup'>>): string {
  const { passes, process, sip, sport, dip, dport } = entry;
  const lines: [string, string][] = [
    ['hex', entry.keyHex],
    ['own end', `address ${sip}, port ${sport}`],
    ['peer end', `address ${dip}, port ${dport}`],
    ['reverse', `${SockKey.from(entry.key).reverse()} (${entry.peer ? 'present' : 'not present'})`],
    ['state', entry.state],
    ['process', process ? `${process.comm} (pid ${process.pid})` : 'unknown'],
    ...(entry.cgroup ? [['cgroup', entry.cgroup] as [string, string]] : []),
    ['redirects', `${entry.redirects} (${formatBytes(entry.redirectBytes)})`],
    [
      'passes',
      Object.entries(passes)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', '),
    ],
    ...lastMessage(entry),
    ['queued', formatBytes(entry.queuedBytes)],
    ['age', formatAge(entry.ageMs)],
    ['cookie', entry.cookie],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return [entry.key, ...lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)].join('\n');
}

function lastMessage({ verdict, verdictMs }: Partial<Pick<Entry, 'verdict' | 'verdictMs'>>): [string, string][] {
  if (!verdict) return [];
  const what = verdict === 'redirect' ? 'redirected' : `by TCP (${REASON_LABELS[verdict]})`;
  return [['last', `message ${what}, so for ${formatAge(verdictMs ?? 0)}`]];
}
