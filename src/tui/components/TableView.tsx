import { scrolling, useViewport } from '../hooks.ts';
import { useActions } from '../input.ts';
import { EmptyState } from './EmptyState.tsx';
import { EntryTable } from './EntryTable.tsx';
import { Footer, footerHeight } from './Footer.tsx';
import type { ViewProps } from './view-props.ts';

/** The entries, or why there are none. */
export function TableView({ store, ui, state, width, height }: ViewProps) {
  const { status, entries, problem } = state;
  const body = height - footerHeight(height);
  const page = Math.max(1, body - 1);
  const [viewport, move] = useViewport(ui, entries, page);
  useActions(ui, scrolling(move, page));
  const isEmpty = entries.length === 0;
  return (
    <>
      {isEmpty ? (
        <EmptyState status={status} problem={problem} pin={store.pin} height={body} />
      ) : (
        <EntryTable state={state} viewport={viewport} width={width} height={body} />
      )}
      <Footer
        ui={ui}
        state={state}
        width={width}
        height={height - body}
        position={isEmpty ? '' : `${viewport.index + 1}/${entries.length}`}
        error={isEmpty ? null : problem}
      />
    </>
  );
}
