import { Box, Text } from 'ink';
import { rowLine, titleLine } from '../../view/line.ts';
import { fill } from '../../view/width.ts';
import type { Viewport } from '../rows/selection.ts';
import type { Sort } from '../rows/sort-keys.ts';
import { arrow } from '../rows/sort-order.ts';
import type { TableRow } from '../rows/table-row.ts';
import { type Meaning, styleOf } from '../theme.ts';
import { EntryRow } from './EntryRow.tsx';
import { MARK_WIDTH, type TableLayout, titleStart } from './table-layout.ts';

interface Props {
  /** Those on screen. */
  readonly rows: readonly TableRow[];
  readonly viewport: Viewport;
  readonly sort: Sort;
  readonly layout: TableLayout;
  readonly width: number;
  /** Lines, the titles included. */
  readonly height: number;
}

/** The entries that are on screen, under their titles. */
export function EntryTable({ rows, viewport, sort, layout, width, height }: Props) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      <Text wrap="truncate" underline {...styleOf('title')}>
        {titles(layout, sort, width)}
      </Text>
      {rows.map((row, line) => (
        <EntryRow
          key={row.identity.cookie}
          line={fill(rowLine(layout.placed, row), Math.max(0, width - MARK_WIDTH), 'left')}
          mark={row.mark}
          meaning={meaningOf(row)}
          selected={viewport.top + line === viewport.index}
        />
      ))}
    </Box>
  );
}

/** The titles, with an arrow before the one that the rows are sorted by. */
function titles(layout: TableLayout, { column, descending }: Sort, width: number): string {
  const line = fill(' '.repeat(MARK_WIDTH) + titleLine(layout.placed), width, 'left');
  const at = titleStart(layout, column) - 1;
  return at < 0 ? line : line.slice(0, at) + arrow(descending) + line.slice(at + 1);
}

/** What an entry does at the moment; the columns rate, passes and the arrow say the same in words. */
function meaningOf({ traffic, mark, entry }: TableRow): Meaning {
  if (mark === 'gone') return 'gone';
  return traffic ?? (entry.peer ? 'plain' : 'quiet');
}
