import { Text } from 'ink';
import type { ReactNode } from 'react';
import { styleOf } from '../theme.ts';

interface Props {
  readonly label: string;
  readonly children: ReactNode;
}

/** A label and its value, with the blanks that set it apart from the field behind it. */
export function Field({ label, children }: Props) {
  return (
    <Text>
      <Text {...styleOf('label')}>{label}</Text> {children}
      {'   '}
    </Text>
  );
}
