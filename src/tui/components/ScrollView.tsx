import { Box } from 'ink';
import { useState } from 'react';
import { scrolling, useUiState } from '../hooks.ts';
import { useActions, useMouse } from '../input.ts';
import type { StyledLine } from '../lines.ts';
import { Footer, footerHeight } from './Footer.tsx';
import { StyledText } from './StyledText.tsx';
import type { ViewProps } from './view-props.ts';

interface Props extends Pick<ViewProps, 'ui' | 'state' | 'width' | 'height'> {
  /** Stays above the lines. */
  readonly title?: StyledLine;
  /** How many lines there are, and how to make those from one to before another. */
  readonly count: number;
  readonly lines: (from: number, to: number) => readonly StyledLine[];
  /** Stays at the last line until somebody scrolls away from it. */
  readonly follows?: boolean;
}

/** Lines that one turn of the wheel moves. */
const WHEEL = 3;

/** Lines that scroll, and the footer. */
export function ScrollView({ ui, state, width, height, title, count, lines, follows = false }: Props) {
  const footer = footerHeight(useUiState(ui), height);
  const page = Math.max(1, height - footer - (title ? 1 : 0));
  const lowest = Math.max(0, count - page);
  // Null is the end, wherever it moves to.
  const [scrolledTo, setTop] = useState<number | null>(follows ? null : 0);
  const top = Math.min(scrolledTo ?? lowest, lowest);
  const move = (target: (index: number) => number) =>
    setTop((before) => {
      const wanted = Math.max(0, target(Math.min(before ?? lowest, lowest)));
      return follows && wanted >= lowest ? null : Math.min(wanted, lowest);
    });
  useActions(ui, scrolling(move, page));
  useMouse(ui, ({ kind }) => {
    if (kind === 'wheelUp') move((index) => index - WHEEL);
    if (kind === 'wheelDown') move((index) => index + WHEEL);
  });
  const shown = lines(top, Math.min(count, top + page));
  return (
    <>
      <Box flexDirection="column" height={height - footer} flexShrink={0} overflow="hidden">
        {title && <StyledText line={title} />}
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is known by its place
          <StyledText key={index} line={line} />
        ))}
      </Box>
      <Footer
        ui={ui}
        state={state}
        width={width}
        height={footer}
        position={count > page ? `${top + shown.length}/${count}` : ''}
        error={state.problem}
      />
    </>
  );
}
