import { Box } from 'ink';
import { useState } from 'react';
import { scrolling } from '../hooks.ts';
import { useActions } from '../input.ts';
import type { StyledLine } from '../lines.ts';
import { Footer, footerHeight } from './Footer.tsx';
import { StyledText } from './StyledText.tsx';
import type { ViewProps } from './view-props.ts';

interface Props extends ViewProps {
  /** How many lines there are, and the ones from `from` to `to`. */
  readonly count: number;
  readonly lines: (from: number, to: number) => readonly StyledLine[];
  /** Stays at the last line, as long as nobody scrolls away from it. */
  readonly follows?: boolean;
  /** Stands above the lines, and stays there. */
  readonly title?: StyledLine;
}

/** Lines that scroll, and the footer. */
export function ScrollView({ ui, state, width, height, count, lines, follows = false, title }: Props) {
  const footer = footerHeight(height);
  const page = Math.max(1, height - footer - (title ? 1 : 0));
  const lowest = Math.max(0, count - page);
  // Null is the end that moves.
  const [scrolledTo, setTop] = useState<number | null>(follows ? null : 0);
  const top = Math.min(scrolledTo ?? lowest, lowest);
  const move = (target: (index: number) => number) =>
    setTop((before) => {
      const wanted = Math.max(0, target(Math.min(before ?? lowest, lowest)));
      return follows && wanted >= lowest ? null : Math.min(wanted, lowest);
    });
  useActions(ui, scrolling(move, page));
  const shown = lines(top, Math.min(count, top + page));
  const position = count > page ? `${top + shown.length}/${count}` : '';
  return (
    <>
      <Box flexDirection="column" height={height - footer} flexShrink={0} overflow="hidden">
        {title && <StyledText line={title} />}
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is known by its place
          <StyledText key={index} line={line} />
        ))}
      </Box>
      <Footer ui={ui} state={state} width={width} height={footer} position={position} />
    </>
  );
}
