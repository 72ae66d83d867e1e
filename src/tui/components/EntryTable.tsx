import { Box, Text } from 'ink';
import type { EntryJson } from '../../core/index.ts';
import { COLUMNS, measureEnds, placeColumns, type Row } from '../../view/columns.ts';
import { rowLine, titleLine } from '../../view/line.ts';
import { fill } from '../../view/width.ts';
import { useHighWater } from '../hooks.ts';
import type { Rate } from '../rates.ts';
import type { Viewport } from '../selection.ts';
import type { TuiState } from '../store.ts';
import { type Meaning, styleOf } from '../theme.ts';
import { EntryRow } from './EntryRow.tsx';

interface Props {
  readonly state: TuiState;
  readonly viewport: Viewport;
  readonly width: number;
  /** Lines, the titles included. */
  readonly height: number;
}

/** Wide enough for most addresses, so that the columns seldom move. */
const USUAL_ENDS = { own: 15, peer: 15 };

/** The selection's mark takes the first column of the screen. */
const MARK = 1;

/** The entries that are on screen, under their titles. The others are never looked at. */
export function EntryTable({ state, viewport, width, height }: Props) {
  const visible = state.entries.slice(viewport.top, viewport.top + Math.max(0, height - 1));
  const ends = useHighWater(measureEnds(visible, USUAL_ENDS));
  const placed = placeColumns(width - MARK, { ...ends }, COLUMNS);
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      <Text wrap="truncate" underline {...styleOf('title')}>
        {fill(` ${titleLine(placed)}`, width, 'left')}
      </Text>
      {visible.map((entry, line) => {
        const rate = state.rates.byCookie.get(entry.cookie) ?? null;
        const row: Row = {
          entry,
          rate: rate?.redirects ?? null,
          process: entry.process ?? state.owners.get(entry.cookie) ?? null,
        };
        return (
          <EntryRow
            key={entry.cookie}
            line={fill(rowLine(placed, row), width - MARK, 'left')}
            meaning={meaningOf(entry, rate)}
            selected={viewport.top + line === viewport.index}
          />
        );
      })}
    </Box>
  );
}

/** What an entry does at the moment; the columns rate, passes and the arrow say the same in words. */
function meaningOf(entry: EntryJson, rate: Rate | null): Meaning {
  if (rate !== null && rate.redirects > 0) return 'spliced';
  if (rate !== null && rate.passes > 0) return 'byTcp';
  return entry.peer ? 'plain' : 'quiet';
}
