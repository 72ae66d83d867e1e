import { Text } from 'ink';
import type { SpliceError } from '../../core/index.ts';
import { cut, displayWidth } from '../../view/width.ts';
import { styleOf } from '../theme.ts';

interface Props {
  readonly width: number;
  /** Which of how many entries is selected, counted from 1; empty without entries. */
  readonly position: string;
  /** Shown instead of the keys. */
  readonly error: SpliceError | null;
  /** What space does; empty when it does nothing. */
  readonly space: string;
}

/** The keys, or the last error, and where the selection is. */
export function Footer({ width, position, error, space }: Props) {
  const keys = [`q quit`, space && `space ${space}`, '↑ ↓ PgUp PgDn Home End select'].filter(Boolean).join('   ');
  const room = width - displayWidth(position) - 2;
  const text = cut(error ? `error[${error.code}]: ${error.message}; try: ${error.remedy}` : keys, Math.max(0, room));
  const blanks = ' '.repeat(Math.max(0, width - 1 - displayWidth(text) - displayWidth(position)));
  return (
    <Text wrap="truncate">
      {' '}
      <Text {...styleOf(error ? 'error' : 'label')}>{text}</Text>
      {room >= 0 ? blanks + position : ''}
    </Text>
  );
}
