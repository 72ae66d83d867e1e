import { ScrollView } from '../components/ScrollView.tsx';
import type { ViewProps } from '../components/view-props.ts';
import { helpLines } from './help.ts';

const MARGIN = 2;

/** Every key, and what is seen. */
export function HelpView({ ui, state, width, height }: ViewProps) {
  const lines = helpLines(ui, width - MARGIN);
  return (
    <ScrollView
      ui={ui}
      state={state}
      width={width}
      height={height}
      count={lines.length}
      lines={(from, to) => lines.slice(from, to)}
    />
  );
}
