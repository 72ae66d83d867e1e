/** The events as lines, and which of them fit a filter. */
import { type EntryJson, type Owner, type PassReason, SockKey, type SpliceEvent } from '../../core/index.ts';
import type { Filter } from '../../filter/index.ts';
import { eventText, eventTime } from '../../view/event-text.ts';
import { formatCount } from '../../view/format.ts';
import { cut } from '../../view/width.ts';
import { heading, lineWidth, type Span, type StyledLine } from '../lines.ts';
import type { FeedState } from './feed.ts';

/** What is known of the end that an event is about; it may be gone. */
export interface Known {
  readonly entryOf: (cookie: string) => EntryJson | null;
  readonly ownerOf: (cookie: string) => Owner | null;
}

const NO_PASSES: Record<PassReason, number> = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };
const TEXT = 26;
/** Less of an owner says nothing. */
const LEAST_OWNER = 12;
/** Room for two IPv4 ends. */
const KEY = 46;

/** The events whose entry fits; of an entry that is gone, by what its key and its owner tell. */
export function fittingEvents(events: readonly SpliceEvent[], filter: Filter, known: Known): readonly SpliceEvent[] {
  if (filter.text.trim() === '') return events;
  const fits = new Map<string, boolean>();
  return events.filter((event) => {
    let fit = fits.get(event.cookie);
    if (fit === undefined) {
      const process = known.ownerOf(event.cookie);
      const entry = known.entryOf(event.cookie) ?? goneEntry(event);
      fit = filter.matches(Object.assign(Object.create(entry) as EntryJson, { process }));
      fits.set(event.cookie, fit);
    }
    return fit;
  });
}

/** One event: when, what, between whom; and whose it is, where there is room. */
export function eventLine(event: SpliceEvent, { ownerOf }: Known, width: number): StyledLine {
  const owner = ownerOf(event.cookie);
  const [meaning, text] = eventSpan(event);
  const line: StyledLine = [
    ['label', `${eventTime(event)}  `],
    [meaning, text.padEnd(TEXT)],
    `  ${event.key.replace('->', ' -> ').padEnd(KEY)}`,
  ];
  const room = width - lineWidth(line) - 2;
  if (owner === null || room < LEAST_OWNER) return line;
  return [...line, ['label', `  ${cut(`${owner.pid} ${owner.comm}`, room)}`]];
}

/** An event's text, with the colour of what becomes of the bytes. */
export function eventSpan(event: SpliceEvent): readonly [meaning: 'byTcp' | 'spliced' | 'plain', text: string] {
  const { type, reason } = event;
  if (reason !== null) return ['byTcp', eventText(event)];
  const isRedirect = type === 'firstRedirect' || type === 'backToRedirect';
  return [isRedirect ? 'spliced' : 'plain', eventText(event)];
}

/** What stands above them: how many there are, and what is not among them. */
export function eventsTitle({ events, forgotten, lost }: FeedState, shown: number, filter: Filter): StyledLine {
  const counts: Span[] = [['label', `${formatCount(shown)} shown`]];
  if (shown < events.length) counts.push(['label', ` of ${formatCount(events.length)}: filter ${filter.text}`]);
  if (forgotten > 0) counts.push(['label', `, ${formatCount(forgotten)} older ones not kept`]);
  if (lost > 0) counts.push('  ', ['error', `${formatCount(lost)} LOST: they came faster than they were read`]);
  return heading('EVENTS', ...counts);
}

function goneEntry({ key, cookie }: SpliceEvent): EntryJson {
  const { sip, dip, sport, dport, hex } = SockKey.from(key);
  return {
    ...{ key, sip, dip, sport, dport, keyHex: hex, cookie, state: 'CLOSE', peer: false },
    ...{ redirects: 0, redirectBytes: 0, passes: NO_PASSES, queuedBytes: 0, ageMs: 0, process: null },
  };
}
