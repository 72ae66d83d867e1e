import { Box, Text } from 'ink';
import type { SpliceError } from '../../core/index.ts';
import { cut, displayWidth } from '../../view/width.ts';
import { bindingsOf } from '../keys.ts';
import type { TuiState } from '../store.ts';
import { styleOf } from '../theme.ts';
import type { Ui } from '../ui.ts';

interface Props {
  readonly ui: Ui;
  readonly state: TuiState;
  readonly width: number;
  /** Of footerHeight(). */
  readonly height: number;
  /** Where one is in the view, such as `3/30`. */
  readonly position?: string;
  /** Shown instead of the keys, unless a command was refused: that is shown first. */
  readonly error?: SpliceError | null;
}

/** Lines that the footer takes of a view's `height`. */
export function footerHeight(height: number): number {
  return height >= 2 ? 1 : 0;
}

/** The keys of the view on screen, or the last error, and where the selection is. */
export function Footer({ ui, state, width, height, position = '', error = null }: Props) {
  const told = state.refusal ?? error;
  const room = width - displayWidth(position) - 2;
  const text = cut(
    told ? `error[${told.code}]: ${told.message}; try: ${told.remedy}` : keysText(ui),
    Math.max(0, room),
  );
  const blanks = ' '.repeat(Math.max(0, width - 1 - displayWidth(text) - displayWidth(position)));
  return (
    <Box height={height} flexShrink={0} overflow="hidden">
      <Text wrap="truncate">
        {' '}
        <Text {...styleOf(told ? 'error' : 'label')}>{text}</Text>
        {room >= 0 ? blanks + position : ''}
      </Text>
    </Box>
  );
}

function keysText(ui: Ui): string {
  const named = bindingsOf(ui.getState().view.name, ui.readOnly).filter(({ short }) => short !== undefined);
  return named.map(({ shown, short }) => `${shown} ${short}`).join('   ');
}
