import { useEffect } from 'react';
import { LIVE_COLUMNS, measureEnds, PAIR_COLUMNS } from '../../view/columns.ts';
import { scrolling, useHighWater, useUiState, useViewport } from '../hooks.ts';
import { useActions, useMouse } from '../input.ts';
import { sortBy } from '../rows/sort-order.ts';
import { useTableActions } from '../table-actions.ts';
import { EmptyState } from './EmptyState.tsx';
import { EntryTable } from './EntryTable.tsx';
import { Footer, footerHeight } from './Footer.tsx';
import { columnAt, layOut } from './table-layout.ts';
import type { ViewProps } from './view-props.ts';

/** Wide enough for most addresses, so that the columns seldom move. */
const USUAL_ENDS = { own: 15, peer: 15 };

/** Lines that one turn of the wheel moves. */
const WHEEL = 3;

/** The entries, or why there are none. */
export function TableView({ store, ui, commands, state, width, height, top }: ViewProps) {
  const { rows, problem } = state;
  const { sort, pairs, filter } = rows.arrangement;
  const body = height - footerHeight(useUiState(ui), height);
  const page = Math.max(1, body - 1);
  const [viewport, move] = useViewport(ui, rows, page);
  const shown = rows.slice(viewport.top, viewport.top + Math.max(0, body - 1));
  const ends = useHighWater(
    measureEnds(
      shown.map(({ entry }) => entry),
      USUAL_ENDS,
    ),
  );
  const layout = layOut(pairs ? PAIR_COLUMNS : LIVE_COLUMNS, ends, width);
  useEffect(() => store.showing(viewport.top, viewport.top + page), [store, viewport.top, page]);
  useActions(ui, scrolling(move, page));
  useTableActions({ store, ui, commands, layout });
  useMouse(ui, ({ kind, x, y }) => {
    const line = y - top - 1;
    if (kind === 'wheelUp') move((index) => index - WHEEL);
    else if (kind === 'wheelDown') move((index) => index + WHEEL);
    else if (line >= 0 && line < shown.length) move(() => viewport.top + line);
    else if (line === -1) {
      const column = columnAt(layout, x);
      if (column !== null && column !== 'link') store.arrange({ sort: sortBy(sort, column) });
    }
  });

  const all = rows.known.sample.entries.length;
  const isEmpty = rows.length === 0;
  return (
    <>
      {isEmpty ? (
        <EmptyState state={state} pin={store.source.pin} height={body} />
      ) : (
        <EntryTable rows={shown} viewport={viewport} sort={sort} layout={layout} width={width} height={body} />
      )}
      <Footer
        ui={ui}
        state={state}
        width={width}
        height={height - body}
        position={isEmpty ? '' : `${viewport.index + 1}/${rows.length}${filter.text ? ` of ${all}` : ''}`}
        error={isEmpty ? null : problem}
      />
    </>
  );
}
