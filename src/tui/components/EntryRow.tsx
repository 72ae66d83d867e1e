import { Text } from 'ink';
import { memo } from 'react';
import { type Meaning, styleOf } from '../theme.ts';

interface Props {
  readonly line: string;
  readonly meaning: Meaning;
  readonly selected: boolean;
}

/** One line of the table. Its properties are plain values, so only lines that changed are drawn again. */
export const EntryRow = memo(function EntryRow({ line, meaning, selected }: Props) {
  return (
    <Text wrap="truncate" inverse={selected} {...styleOf(meaning)}>
      {(selected ? '>' : ' ') + line}
    </Text>
  );
});
