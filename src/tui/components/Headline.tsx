import { Box, Text } from 'ink';

/** What the program that shows the view has to say, under the header. */
export function Headline({ lines }: { readonly lines: readonly string[] }) {
  return (
    <Box flexDirection="column" height={lines.length} flexShrink={0}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its place alone
        <Text key={index} wrap="truncate">
          {' '}
          {line}
        </Text>
      ))}
    </Box>
  );
}
