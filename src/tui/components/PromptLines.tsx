import { Box, Text } from 'ink';
import { cut, displayWidth } from '../../view/width.ts';
import type { Prompt } from '../prompt.ts';
import { styleOf } from '../theme.ts';

interface Props {
  readonly prompt: Prompt;
  readonly width: number;
  readonly height: number;
}

/** The question, in place of the footer. */
export function PromptLines({ prompt, width, height }: Props) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {prompt.kind === 'line' ? (
        <LineLines prompt={prompt} width={width} height={height} />
      ) : (
        <Choice prompt={prompt} />
      )}
    </Box>
  );
}

function Choice({ prompt: { question } }: { readonly prompt: Extract<Prompt, { kind: 'choice' }> }) {
  return (
    <Text wrap="truncate">
      {' '}
      <Text {...styleOf('title')}>{question.text}</Text>
      {question.choices.map(({ key, label }) => `   ${key} ${label}`).join('')}
    </Text>
  );
}

/** The line with its cursor; under it the hint, or what is wrong, below the place where it is wrong. */
function LineLines({ prompt, width, height }: Omit<Props, 'prompt'> & { prompt: Extract<Prompt, { kind: 'line' }> }) {
  const { question, line, complaint } = prompt;
  const label = ` ${question.label} `;
  const characters = [...line.text];
  const before = keepEnd(characters.slice(0, line.cursor).join(''), width - displayWidth(label) - 2);
  const after = characters.slice(line.cursor + 1).join('');
  const place = complaint?.position ?? null;
  const indent = place === null ? 1 : displayWidth(label + line.text.slice(0, place));
  const said = complaint ? `${place === null ? '' : '^ '}${complaint.error.message}` : question.hint;
  const fits = indent + displayWidth(said) < width;
  const under = fits ? ' '.repeat(indent) + said : cut(` ${said}`, width);
  return (
    <>
      {(height > 1 || complaint === null) && (
        <Text wrap="truncate">
          <Text {...styleOf('title')}>{label}</Text>
          {before}
          <Text inverse>{characters[line.cursor] ?? ' '}</Text>
          {after}
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
