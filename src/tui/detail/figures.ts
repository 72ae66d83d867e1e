/** What the two ends of a connection counted. */
import { PASS_REASONS } from '../../core/index.ts';
import { REASON_LABELS, totalPasses } from '../../view/columns.ts';
import { formatBytes, formatCount } from '../../view/format.ts';
import { heading, type StyledLine, wrapText } from '../lines.ts';
import type { WatchedEnd } from '../watch.ts';
import type { Connection } from './connection.ts';

const LABEL = 22;
const COLUMN = 12;
const INDENT = 10;

/** A column an end: what it sent since it has its entry, and in the last second. */
export function figureLines({ own, peer }: Connection): StyledLine[] {
  const ends = [own, peer];
  const line = (label: string, text: (end: WatchedEnd) => string): StyledLine => [
    ['label', label.padEnd(LABEL)],
    ...ends.map((end) => (end === null ? '-' : text(end)).padStart(COLUMN)),
  ];
  const seen = PASS_REASONS.filter((reason) => ends.some((end) => end !== null && end.entry.passes[reason] > 0));
  return [
    [
      ['title', 'COUNTERS'.padEnd(LABEL)],
      ['label', 'this end'.padStart(COLUMN)],
      ['label', 'its peer'.padStart(COLUMN)],
    ],
    line('redirects', ({ entry }) => formatCount(entry.redirects)),
    line('  in the last second', ({ lastSecond }) => (lastSecond ? formatCount(lastSecond.redirects) : '-')),
    line('redirected bytes', ({ entry }) => formatBytes(entry.redirectBytes)),
    line('passes, by TCP', ({ entry }) => formatCount(totalPasses(entry))),
    ...seen.map((reason) => line(`  ${REASON_LABELS[reason]}`, ({ entry }) => formatCount(entry.passes[reason]))),
    line('  in the last second', ({ lastSecond }) => (lastSecond ? formatCount(totalPasses(lastSecond)) : '-')),
    line('waiting to be read', ({ entry }) => formatBytes(entry.queuedBytes)),
  ];
}

/** Who has the sockets open. */
export function ownerLines({ own, peer, ownProcess, peerProcess }: Connection, width: number): StyledLine[] {
  const lines: StyledLine[] = [heading('OWNER')];
  for (const [name, end, process] of [
    ['this end', own, ownProcess],
    ['its peer', peer, peerProcess],
  ] as const) {
    if (end === null) continue;
    const { owner } = end;
    lines.push([['label', `${name}  `], owner === null ? 'not known' : `${owner.pid} ${owner.comm}`]);
    if (process === null) continue;
    lines.push(...wrapped('command', process.cmdline, width), ...wrapped('cgroup', process.cgroup, width));
  }
  return lines;
}

/** A label, and text that may take several lines. */
function wrapped(label: string, text: string, width: number): StyledLine[] {
  const lines = wrapText(text || '-', Math.max(1, width - INDENT));
  return lines.map((line, index) => [['label', (index === 0 ? `  ${label}` : '').padEnd(INDENT)], line]);
}
