import { Box, Text } from 'ink';
import type { SpliceError } from '../../core/index.ts';
import { cut, displayWidth } from '../../view/width.ts';
import { useUiState } from '../hooks.ts';
import { bindingsOf } from '../keys.ts';
import type { TuiState } from '../store.ts';
import { type Meaning, styleOf } from '../theme.ts';
import type { Ui, UiState } from '../ui.ts';
import { PromptLines } from './PromptLines.tsx';

interface Props {
  readonly ui: Ui;
  readonly state: TuiState;
  readonly width: number;
  /** Of footerHeight(). */
  readonly height: number;
  /** Where one is in the view, such as `3/30`. */
  readonly position?: string;
  /** Shown instead of the keys, unless a command has something to say. */
  readonly error?: SpliceError | null;
}

/** Lines that the footer takes of a view's `height`: one, or two while a line is typed. */
export function footerHeight({ prompt }: UiState, height: number): number {
  if (prompt?.kind === 'line' && height >= 4) return 2;
  return height >= 2 ? 1 : 0;
}

/** What is asked; or what the last command came to, or the last error, or the keys; and where the selection is. */
export function Footer({ ui, state, width, height, position = '', error = null }: Props) {
  const { prompt, view } = useUiState(ui);
  if (prompt) return <PromptLines prompt={prompt} position={position} width={width} height={height} />;
  const room = Math.max(0, width - displayWidth(position) - 3);
  const [meaning, text] = message(state, error) ?? ['label', keysText(bindingsOf(view.name, ui), room)];
  const shown = cut(text, room);
  const blanks = ' '.repeat(Math.max(0, width - 1 - displayWidth(shown) - displayWidth(position)));
  return (
    <Box height={height} flexShrink={0} overflow="hidden">
      <Text wrap="truncate">
        {' '}
        <Text {...styleOf(meaning)}>{shown}</Text>
        {width > displayWidth(position) + 1 ? blanks + position : ''}
      </Text>
    </Box>
  );
}

function message({ notice }: TuiState, problem: SpliceError | null): [Meaning, string] | null {
  if (notice && notice.kind !== 'refused') return ['plain', notice.text];
  const error = notice?.error ?? problem;
  return error && ['error', `error[${error.code}]: ${error.message}; try: ${error.remedy}`];
}

/** As many keys as there is room for. */
function keysText(bindings: ReturnType<typeof bindingsOf>, room: number): string {
  let text = '';
  for (const { shown, short } of bindings) {
    if (short === undefined) continue;
    const longer = `${text}${text && '  '}${shown} ${short}`;
    if (displayWidth(longer) > room) break;
    text = longer;
  }
  return text;
}
