import { Text } from 'ink';
import { memo } from 'react';
import { meaningOf, type StyledLine, textOf } from '../lines.ts';
import { styleOf } from '../theme.ts';

/** One line; a line that says the same as before is not drawn again. */
export const StyledText = memo(
  function StyledText({ line }: { readonly line: StyledLine }) {
    return (
      <Text wrap="truncate">
        {' '}
        {line.map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a piece is known by its place alone
          <Text key={index} {...styleOf(meaningOf(span))}>
            {textOf(span)}
          </Text>
        ))}
      </Text>
    );
  },
  (before, after) => isSame(before.line, after.line),
);

function isSame(a: StyledLine, b: StyledLine): boolean {
  const isSameSpan = (index: number) => {
    const [one, other] = [a[index] ?? '', b[index] ?? ''];
    return textOf(one) === textOf(other) && meaningOf(one) === meaningOf(other);
  };
  return a.length === b.length && a.every((_, index) => isSameSpan(index));
}
