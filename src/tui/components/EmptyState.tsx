import { Box, Text } from 'ink';
import { defaultPin, printable, type SpliceError, type Status } from '../../core/index.ts';
import { styleOf } from '../theme.ts';

interface Props {
  readonly status: Status | null;
  readonly problem: SpliceError | null;
  readonly pin: string;
  readonly height: number;
}

/** What stands where the table would be: why there is none, and what to try. */
export function EmptyState({ status, problem, pin, height }: Props) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden" paddingX={1}>
      {contents({ status, problem, pin })}
    </Box>
  );
}

function contents({ status, problem, pin }: Omit<Props, 'height'>) {
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
  if (status?.loaded) {
    return (
      <>
        <Text {...styleOf('title')}>No entries yet.</Text>
        <Text>Connections that are made in the cgroups above from now on appear here.</Text>
      </>
    );
  }
  const pinOption = pin === defaultPin({}) ? '' : ` --pin ${printable(pin)}`;
  return (
    <>
      <Text {...styleOf('title')}>Nothing is loaded at {printable(pin)}.</Text>
      <Text>
        try: <Text {...styleOf('title')}>splice up --cgroup DIR{pinOption}</Text>
      </Text>
      <Text>
        or: <Text {...styleOf('title')}>splice demo</Text>
      </Text>
      <Text {...styleOf('label')}>This view goes on looking, and shows the splice when it comes up.</Text>
    </>
  );
}
