import { Box, useApp, useWindowSize } from 'ink';
import { useKeys, useRepaint, useTuiState, useViewport } from '../hooks.ts';
import { divideScreen } from '../room.ts';
import type { Store, TuiState } from '../store.ts';
import { EmptyState } from './EmptyState.tsx';
import { EntryTable } from './EntryTable.tsx';
import { Footer } from './Footer.tsx';
import { HEADER_LINES, Header } from './Header.tsx';
import { Headline } from './Headline.tsx';

interface Props {
  readonly store: Store;
  readonly readOnly: boolean;
}

/** The whole screen, exactly as large as the terminal. */
export function App({ store, readOnly }: Props) {
  const state = useTuiState(store);
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  useRepaint(columns, rows);
  const { status, entries, headline, problem } = state;
  const room = divideScreen(rows, { header: status?.loaded ? HEADER_LINES : 2, headline: headline.length });
  const page = Math.max(1, room.table - 1);
  const [viewport, move] = useViewport(entries, page);
  useKeys({
    move,
    page,
    toggleBypass: () => readOnly || store.toggleBypass(),
    quit: () => exit(),
    touch: () => store.dismissRefusal(),
  });

  return (
    <Box flexDirection="column" height={rows} overflow="hidden">
      <Header
        status={status}
        rate={state.rates.total}
        pin={store.pin}
        intervalMs={store.intervalMs}
        readOnly={readOnly}
        width={columns}
        height={room.header}
      />
      <Headline lines={headline.slice(0, room.headline)} />
      <Box height={room.gap} flexShrink={0} />
      {entries.length > 0 ? (
        <EntryTable state={state} viewport={viewport} width={columns} height={room.table} />
      ) : (
        <EmptyState status={status} problem={problem} pin={store.pin} height={room.table} />
      )}
      {room.footer > 0 && (
        <Footer
          width={columns}
          position={entries.length > 0 ? `${viewport.index + 1}/${entries.length}` : ''}
          error={state.refusal ?? (entries.length > 0 ? problem : null)}
          space={spaceKey(state, readOnly)}
        />
      )}
    </Box>
  );
}

function spaceKey({ status }: TuiState, readOnly: boolean): string {
  if (readOnly || !status?.loaded) return '';
  return status.bypass ? 'redirect again' : 'bypass';
}
