import { Box, Text } from 'ink';
import { printable } from '../../core/index.ts';
import { cut, displayWidth } from '../../view/width.ts';
import type { Complaint, Prompt } from '../prompt.ts';
import { styleOf } from '../theme.ts';

interface Props {
  readonly prompt: Prompt;
  /** Where one is in the view. */
  readonly position: string;
  readonly width: number;
  readonly height: number;
}

/** The question, in place of the footer. */
export function PromptLines({ prompt, position, width, height }: Props) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {prompt.kind === 'line' ? (
        <LineLines prompt={prompt} position={position} width={width} height={height} />
      ) : (
        <Choice prompt={prompt} width={width} />
      )}
    </Box>
  );
}

/** The question gives way, the answers stay in sight. */
function Choice({
  prompt: { question },
  width,
}: Pick<Props, 'width'> & { readonly prompt: Extract<Prompt, { kind: 'choice' }> }) {
  const choices = question.choices.map(({ key, label }) => `   ${key} ${label}`).join('');
  return (
    <Text wrap="truncate">
      {' '}
      <Text {...styleOf('title')}>{cut(question.text, Math.max(0, width - 1 - displayWidth(choices)))}</Text>
      {choices}
    </Text>
  );
}

/** The line with its cursor; under it the hint, or what is wrong, below the place where it is wrong. */
function LineLines({
  prompt,
  position,
  width,
  height,
}: Omit<Props, 'prompt'> & { prompt: Extract<Prompt, { kind: 'line' }> }) {
  const { question, line, complaint } = prompt;
  const label = ` ${question.label} `;
  const characters = [...line.text];
  const room = width - displayWidth(label) - displayWidth(position) - 3;
  const before = keepEnd(characters.slice(0, line.cursor).join(''), room);
  const after = cut(characters.slice(line.cursor + 1).join(''), room - displayWidth(before));
  const blanks = ' '.repeat(Math.max(1, room + 1 - displayWidth(before) - displayWidth(after)));
  const under = complaint ? complaintLine(complaint, label, line.text, width) : cut(` ${question.hint}`, width);
  return (
    <>
      {(height > 1 || complaint === null) && (
        <Text wrap="truncate">
          <Text {...styleOf('title')}>{label}</Text>
          {before}
          <Text inverse>{characters[line.cursor] ?? ' '}</Text>
          {after + blanks + position}
        </Text>
      )}
      {(height > 1 || complaint !== null) && (
        <Text wrap="truncate" {...styleOf(complaint ? 'error' : 'label')}>
          {under}
        </Text>
      )}
    </>
  );
}

/** As much of the end as fits. */
function keepEnd(text: string, width: number): string {
  let kept = text;
  while (displayWidth(kept) > Math.max(0, width)) kept = [...kept].slice(1).join('');
  return kept;
}

/** What is wrong, beside an arrow to the place where it is wrong; without the arrow where there is no room. */
function complaintLine({ error, position }: Complaint, label: string, text: string, width: number): string {
  // The place is shown, so it need not be told.
  const said = printable(error.message.replace(/, at character \d+ of the filter .*$/s, ''));
  const place = position === null ? 0 : displayWidth(label + text.slice(0, position));
  const length = displayWidth(said);
  if (position !== null && place + length + 2 < width) return `${' '.repeat(place)}^ ${said}`;
  if (position !== null && place < width && place > length + 1) return `${' '.repeat(place - length - 1)}${said} ^`;
  return cut(` ${said}`, width);
}
