/**
 * Colours by meaning. Only named ANSI colours: the terminal's theme makes them readable on light and
 * dark. A colour never says anything that the text beside it does not say too.
 */
import type { TextProps } from 'ink';

export type Meaning = 'plain' | 'title' | 'label' | 'notice' | 'spliced' | 'byTcp' | 'quiet' | 'gone' | 'error';

type Style = Pick<TextProps, 'color' | 'bold' | 'dimColor'>;

const STYLES: Record<Meaning, Style> = {
  plain: {},
  title: { bold: true },
  label: { dimColor: true },
  spliced: { color: 'green' },
  byTcp: { color: 'magenta' },
  notice: { color: 'yellow', bold: true },
  quiet: { dimColor: true },
  gone: { color: 'red', dimColor: true },
  error: { color: 'red', bold: true },
};

/** See https://no-color.org: set and not empty means no colours; bold, dim and inverse stay. */
const WITHOUT_COLOURS = (process.env.NO_COLOR ?? '') !== '';

/** The properties of a <Text> for what it means. */
export function styleOf(meaning: Meaning): Style {
  if (!WITHOUT_COLOURS) return STYLES[meaning];
  const { color: _, ...rest } = STYLES[meaning];
  return rest;
}
