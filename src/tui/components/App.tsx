import { Box, useApp, useWindowSize } from 'ink';
import type { ComponentType } from 'react';
import { useRepaint, useTuiState, useUiState } from '../hooks.ts';
import { useActions, useKeyboard } from '../input.ts';
import type { ViewName } from '../keys.ts';
import { divideScreen } from '../room.ts';
import type { Store } from '../store.ts';
import type { Ui } from '../ui.ts';
import { HEADER_LINES, Header } from './Header.tsx';
import { Headline } from './Headline.tsx';
import { TableView } from './TableView.tsx';
import type { ViewProps } from './view-props.ts';

interface Props {
  readonly store: Store;
  readonly ui: Ui;
}

/** What stands under the header, by its name. */
const VIEWS: Partial<Record<ViewName, ComponentType<ViewProps>>> = { table: TableView };

/** The whole screen, exactly as large as the terminal: the header, and one view with its footer. */
export function App({ store, ui }: Props) {
  const state = useTuiState(store);
  const { view } = useUiState(ui);
  const Current = VIEWS[view.name] ?? TableView;
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  useRepaint(columns, rows);
  useKeyboard(ui, () => store.dismissRefusal());
  useActions(ui, { quit: exit, back: () => ui.back(), toggleBypass: () => store.toggleBypass() });
  const { status, headline } = state;
  const room = divideScreen(rows, { header: status?.loaded ? HEADER_LINES : 2, headline: headline.length });

  return (
    <Box flexDirection="column" height={rows} overflow="hidden">
      <Header
        status={status}
        rate={state.rates.total}
        pin={store.pin}
        intervalMs={store.intervalMs}
        readOnly={ui.readOnly}
        width={columns}
        height={room.header}
      />
      <Headline lines={headline.slice(0, room.headline)} />
      <Box height={room.gap} flexShrink={0} />
      <Current store={store} ui={ui} state={state} width={columns} height={room.view} />
    </Box>
  );
}
