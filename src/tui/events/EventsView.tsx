import { printable } from '../../core/index.ts';
import { ScrollView } from '../components/ScrollView.tsx';
import type { ViewProps } from '../components/view-props.ts';
import type { StyledLine } from '../lines.ts';
import { eventLine, eventsTitle, fittingEvents, type Known } from './events.ts';
import { useFeed } from './use-feed.ts';

const MARGIN = 2;

/** What happened to connections, the newest last. */
export function EventsView({ store, ui, state, width, height }: ViewProps) {
  const told = useFeed(store.feed);
  const { sample, owners } = state.rows.known;
  const { filter } = state.rows.arrangement;
  const known: Known = {
    entryOf: (cookie) => sample.entries[sample.find(Number(cookie))] ?? null,
    ownerOf: (cookie) => owners.get(cookie) ?? store.feed.ownerOf(cookie),
  };
  const events = fittingEvents(told.events, filter, known);
  const empty: StyledLine =
    told.problem === null
      ? [['label', 'None yet: connections that open, fall back to TCP or close appear here.']]
      : [['error', `error[${told.problem.code}]: ${printable(told.problem.message)}; try: ${told.problem.remedy}`]];
  return (
    <ScrollView
      ui={ui}
      state={state}
      width={width}
      height={height}
      title={eventsTitle(told, events.length, filter)}
      follows
      count={Math.max(1, events.length)}
      lines={(from, to) =>
        events.length === 0 ? [empty] : events.slice(from, to).map((event) => eventLine(event, known, width - MARGIN))
      }
    />
  );
}
