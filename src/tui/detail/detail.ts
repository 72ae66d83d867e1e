/** The whole detail view as lines: one column in a usual terminal, two in a wide one. */
import type { PassReason } from '../../core/index.ts';
import { REASON_LABELS } from '../../view/columns.ts';
import { eventTime } from '../../view/event-text.ts';
import { formatAge } from '../../view/format.ts';
import { eventSpan } from '../events/events.ts';
import { beside, fitLine, heading, lineWidth, type Span, type StyledLine } from '../lines.ts';
import type { Connection } from './connection.ts';
import { figureLines, ownerLines } from './figures.ts';
import { keyLines } from './key.ts';
import { pathLines } from './path.ts';
import { turnaroundLines } from './turnaround.ts';

/** From here on there are two columns. */
const WIDE = 160;
const GAP = 4;
/** The events that are shown, the newest. */
const MOST_EVENTS = 12;

/** All about a connection, line by line. */
export function detailLines(connection: Connection, width: number): StyledLine[] {
  const isWide = width >= WIDE;
  const column = isWide ? Math.floor((width - GAP) / 2) : width;
  const now = [
    pathLines(connection, column),
    figureLines(connection),
    turnaroundLines(connection.own?.turnaround ?? null, column),
  ];
  const identity = [keyLines(connection, column), ownerLines(connection, column), eventLines(connection)];
  const body = isWide ? beside(stack(now), column, stack(identity), GAP) : stack([...now, ...identity]);
  return [titleLine(connection), [], ...body].map((line) => (lineWidth(line) > width ? fitLine(line, width) : line));
}

/** Blocks under each other, with a blank line between. */
function stack(blocks: readonly (readonly StyledLine[])[]): StyledLine[] {
  return blocks.flatMap((block, index) => (index === 0 ? block : [[], ...block]));
}

function titleLine({ key, own, isGone, isBypassed }: Connection): StyledLine {
  const name: Span = ['title', key.replace('->', ' -> ')];
  if (isGone) return [name, '  ', ['error', 'gone: its socket is closed, or was taken out']];
  if (own === null) return [name];
  const { state, ageMs, verdict, verdictMs } = own.entry;
  const since = verdictMs === null || verdictMs === undefined ? '' : ` for ${formatAge(verdictMs)}`;
  return [name, `  ${state}  ${formatAge(ageMs)} old  `, verdictSpan(verdict ?? null, since, isBypassed)];
}

function verdictSpan(verdict: 'redirect' | PassReason | null, since: string, isBypassed: boolean): Span {
  if (isBypassed) return ['byTcp', 'BYPASS'];
  if (verdict === null) return ['quiet', 'nothing sent yet'];
  return verdict === 'redirect'
    ? ['spliced', `● redirecting${since}`]
    : ['byTcp', `○ ${REASON_LABELS[verdict]}${since}`];
}

function eventLines({ own, events }: Connection): StyledLine[] {
  const shown = events.slice(-MOST_EVENTS);
  const more = events.length - shown.length;
  const lines = shown.map((event): StyledLine => {
    const end = event.cookie === own?.entry.cookie ? 'this end' : 'its peer';
    return [['label', `${eventTime(event)}  ${end}  `], eventSpan(event)];
  });
  const title = heading('EVENTS', [
    'label',
    more > 0 ? `the last ${shown.length}; ${more} before` : 'of this connection',
  ]);
  return [title, ...(lines.length > 0 ? lines : [[['label', 'none since this view was opened']] as StyledLine])];
}
