/** One entry as a card: everything there is to know of it, a line each. */
import type { EntryJson } from '../core/index.ts';
import { SockKey } from '../core/index.ts';
import { formatAge, formatBytes } from '../view/format.ts';

/** The card of an entry, several lines without a newline at the end. */
export function entryCard(entry: EntryJson): string {
  const { passes, process } = entry;
  const lines: [string, string][] = [
    ['hex', entry.keyHex],
    ['reverse', `${SockKey.from(entry.key).reverse()} (${entry.peer ? 'present' : 'not present'})`],
    ['state', entry.state],
    ['process', process ? `${process.comm} (pid ${process.pid})` : 'unknown'],
    ['redirects', `${entry.redirects} (${formatBytes(entry.redirectBytes)})`],
    [
      'passes',
      Object.entries(passes)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', '),
    ],
    ['queued', formatBytes(entry.queuedBytes)],
    ['age', formatAge(entry.ageMs)],
    ['cookie', entry.cookie],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return [entry.key, ...lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)].join('\n');
}
