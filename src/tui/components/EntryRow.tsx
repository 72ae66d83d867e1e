import { Text } from 'ink';
import { memo } from 'react';
import type { Mark } from '../rows/table-row.ts';
import { type Meaning, styleOf } from '../theme.ts';

interface Props {
  readonly line: string;
  readonly mark: Mark;
  readonly meaning: Meaning;
  readonly selected: boolean;
}

const MARKS = { new: '+', changed: '*', gone: '-' } as const;

/** One line of the table. Its properties are plain values, so only lines that changed are drawn again. */
export const EntryRow = memo(function EntryRow({ line, mark, meaning, selected }: Props) {
  const first = selected ? '>' : mark ? MARKS[mark] : ' ';
  return (
    <Text
      wrap="truncate"
      inverse={selected}
      {...styleOf(meaning)}
      bold={mark === 'new'}
      strikethrough={mark === 'gone'}
    >
      {first + line}
    </Text>
  );
});
