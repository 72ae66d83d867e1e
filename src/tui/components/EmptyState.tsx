import { Box, Text } from 'ink';
import { defaultPin, printable } from '../../core/index.ts';
import type { TuiState } from '../store.ts';
import { styleOf } from '../theme.ts';

interface Props {
  readonly state: TuiState;
  readonly pin: string;
  readonly height: number;
}

/** What stands where the table would be: why there is none, and what to try. */
export function EmptyState({ state, pin, height }: Props) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden" paddingX={1}>
      {contents(state, pin)}
    </Box>
  );
}

function contents({ status, problem, rows }: TuiState, pin: string) {
  if (problem) {
    return (
      <>
        <Text {...styleOf('error')}>
          error[{problem.code}]: {problem.message}
        </Text>
        <Text>try: {problem.remedy}</Text>
      </>
    );
  }
  const { filter } = rows.arrangement;
  const all = rows.known.sample.entries.length;
  if (all > 0) {
    return (
      <>
        <Text {...styleOf('title')}>None of the {all} entries fits the filter.</Text>
        <Text>
          It is <Text {...styleOf('notice')}>{printable(filter.text)}</Text>: / changes it, Esc takes it away.
        </Text>
      </>
    );
  }
  const pinOption = pin === defaultPin({}) ? '' : ` --pin ${printable(pin)}`;
  if (status?.loaded) {
    return (
      <>
        <Text {...styleOf('title')}>No entries yet.</Text>
        <Text>Connections that are made in the cgroups above from now on appear here.</Text>
        <Text>
          Those that were there before come in with <Command>a</Command>.
        </Text>
      </>
    );
  }
  if (status === null) return null;
  return (
    <>
      <Text {...styleOf('title')}>Nothing is loaded at {printable(pin)}.</Text>
      <Text>
        try: <Command>splice up --cgroup DIR{pinOption}</Command>
      </Text>
      <Text>
        or: <Command>splice demo</Command>, two hosts with real traffic
      </Text>
      <Text>
        or: <Command>splice doctor</Command>, whether this machine can do it
      </Text>
      <Text {...styleOf('label')}>This view goes on looking, and shows the splice when it comes up.</Text>
    </>
  );
}

function Command({ children }: { readonly children: React.ReactNode }) {
  return <Text {...styleOf('title')}>{children}</Text>;
}
