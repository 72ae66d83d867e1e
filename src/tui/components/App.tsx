import { Box, useApp, useWindowSize } from 'ink';
import { type ComponentType, useMemo } from 'react';
import { askForMode } from '../ask.ts';
import { Commands } from '../commands.ts';
import { DetailView } from '../detail/DetailView.tsx';
import { EventsView } from '../events/EventsView.tsx';
import { HelpView } from '../help/HelpView.tsx';
import { useRepaint, useTuiState, useUiState } from '../hooks.ts';
import { useActions, useKeyboard, useMouseReports } from '../input.ts';
import type { ViewName } from '../keys.ts';
import { replayActions } from '../replay-actions.ts';
import { divideScreen } from '../room.ts';
import type { Store } from '../store.ts';
import type { Ui } from '../ui.ts';
import { Header, headerLines } from './Header.tsx';
import { Headline } from './Headline.tsx';
import { TableView } from './TableView.tsx';
import type { ViewProps } from './view-props.ts';

interface Props {
  readonly store: Store;
  readonly ui: Ui;
}

/** What stands under the header, by its name. */
const VIEWS: Record<ViewName, ComponentType<ViewProps>> = {
  table: TableView,
  detail: DetailView,
  events: EventsView,
  help: HelpView,
};

/** The whole screen, exactly as large as the terminal: the header, and one view with its footer. */
export function App({ store, ui }: Props) {
  const state = useTuiState(store);
  const { view } = useUiState(ui);
  const Current = VIEWS[view.name];
  const commands = useMemo(() => new Commands(store), [store]);
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  useRepaint(columns, rows);
  useKeyboard(ui, () => {
    if (state.notice && state.notice.kind !== 'busy') store.tell(null);
  });
  useMouseReports(ui);
  const { status, headline } = state;
  useActions(ui, {
    quit: exit,
    back: () => ui.back(),
    events: () => ui.open({ name: 'events' }),
    help: () => ui.open({ name: 'help' }),
    ...replayActions(store),
    pause: () => store.pause(!store.getState().isPaused),
    toggleBypass: () => commands.toggleBypass(),
    mode: () => {
      if (status?.loaded) ui.ask(askForMode(status, commands));
    },
  });
  const room = divideScreen(rows, { header: headerLines(status), headline: headline.length });

  return (
    <Box flexDirection="column" height={rows} overflow="hidden">
      <Header store={store} state={state} readOnly={ui.readOnly} width={columns} height={room.header} />
      <Headline lines={headline.slice(0, room.headline)} />
      <Box height={room.gap} flexShrink={0} />
      <Current
        store={store}
        ui={ui}
        commands={commands}
        state={state}
        width={columns}
        height={room.view}
        top={rows - room.view}
      />
    </Box>
  );
}
