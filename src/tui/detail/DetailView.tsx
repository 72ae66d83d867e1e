import { useEffect, useMemo, useState } from 'react';
import type { Route } from '../../core/index.ts';
import { ScrollView } from '../components/ScrollView.tsx';
import type { ViewProps } from '../components/view-props.ts';
import { useEntryActions } from '../entry-actions.ts';
import { useFeed } from '../events/use-feed.ts';
import { useUiState } from '../hooks.ts';
import type { Source } from '../source.ts';
import type { Watched } from '../watch.ts';
import type { Connection } from './connection.ts';
import { detailLines } from './detail.ts';

/** Blanks at both sides of the screen. */
const MARGIN = 2;
const ASK_AGAIN_MS = 5000;

/** One connection, seen from one of its ends. */
export function DetailView({ store, ui, state, commands, width, height }: ViewProps) {
  const { view } = useUiState(ui);
  const entry = view.name === 'detail' ? view.entry : null;
  useEffect(() => {
    store.watch(entry);
    return () => store.watch(null);
  }, [store, entry]);
  useEntryActions({ store, ui, commands, selected: () => entry });
  const { events } = useFeed(store.feed);
  const watched = state.watched !== null && state.watched.identity === entry ? state.watched : null;
  const key = entry?.key ?? '';
  const [own, peer] = [watched?.own ?? null, watched?.peer ?? null];
  const cookies = [entry?.cookie, peer?.entry.cookie];
  const connection: Connection = {
    key,
    own,
    peer,
    isGone: watched !== null && own === null,
    ownProcess: useProcess(store.source, own?.owner?.pid ?? null),
    peerProcess: useProcess(store.source, peer?.owner?.pid ?? null),
    route: useRoute(store.source, key, watched, state.rows.known.sample.counts.atMs),
    events: events.filter(({ cookie }) => cookies.includes(cookie)),
    isBypassed: state.status?.loaded === true && state.status.bypass,
  };
  const lines = detailLines(connection, Math.max(1, width - MARGIN));
  return (
    <ScrollView
      ui={ui}
      state={state}
      width={width}
      height={height}
      count={lines.length}
      lines={(from, to) => lines.slice(from, to)}
    />
  );
}

/** Asked once: neither changes while a process lives, or hardly ever. */
function useProcess(source: Source, pid: number | null): ReturnType<Source['processDetail']> {
  return useMemo(() => (pid === null ? null : source.processDetail(pid)), [source, pid]);
}

/** Null until it is known. */
function useRoute(source: Source, key: string, watched: Watched | null, atMs: number): Route {
  const own = watched?.own?.owner?.pid ?? null;
  const peer = watched?.peer?.owner?.pid ?? null;
  const [route, setRoute] = useState<Route>(null);
  // A recording may tell it later; a machine may have to be asked again.
  const turn = route === null ? Math.floor(atMs / (source.replay ? 1 : ASK_AGAIN_MS)) : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn is when to ask again
  useEffect(() => {
    let isWanted = true;
    void source.findRoute(key, own, peer).then((found) => {
      if (isWanted) setRoute(found);
    });
    return () => {
      isWanted = false;
    };
  }, [source, key, own, peer, turn]);
  return route;
}
