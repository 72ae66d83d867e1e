/** A filter cut into tokens. */
import { badFilter, type Span } from './bad-filter.ts';

export const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', '~', '!~'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A value, or a text that stands alone; `quoted` is never a keyword or a word of the language. */
export interface Text extends Span {
  readonly text: string;
  readonly quoted: boolean;
}

export type Token =
  | ({ readonly kind: 'open' | 'close' | 'and' | 'or' | 'not' } & Span)
  | ({ readonly kind: 'comparison'; readonly name: Text; readonly operator: Operator; readonly value: Text } & Span)
  | ({ readonly kind: 'text' } & Text);

const BLANK = /\s+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy;
const RUN = /[^\s()"']+/y;
const COMPARISON = /([A-Za-z][\w.]*)\s*(!=|<=|>=|!~|==|=|<|>|~)\s*/y;
const OPERATOR_ALONE = /^(?:!=|<=|>=|!~|=|<|>|~)/;
/** `->` is part of a key. */
const OPERATOR_INSIDE = /[=<~]|(?<!-)>/;

/** How people used to other languages write the keywords. */
const OTHER_WORDS = new Map([
  ['&&', 'and'],
  ['&', 'and'],
  ['||', 'or'],
  ['|', 'or'],
]);

/**
 * @throws InputError BAD_FILTER for a quote that is not closed, and a comparison without its field or value
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = skipBlanks(text, token.position + token.length);
  }
  return tokens;
}

function tokenAt(text: string, position: number): Token {
  const character = text[position];
  if (character === '(' || character === ')') {
    return { kind: character === '(' ? 'open' : 'close', position, length: 1 };
  }
  const comparison = match(COMPARISON, text, position);
  if (comparison) return comparisonAt(text, position, comparison);
  if (character === '!' && !OPERATOR_ALONE.test(text.slice(position))) return { kind: 'not', position, length: 1 };
  const token = textAt(text, position);
  return token.quoted ? { kind: 'text', ...token } : wordAt(text, token);
}

function comparisonAt(text: string, position: number, [whole, name = '', sign = '']: RegExpExecArray): Token {
  const operator = (sign === '==' ? '=' : sign) as Operator;
  const from = position + whole.length;
  if (from >= text.length || text[from] === '(' || text[from] === ')') {
    throw badFilter(text, { position: from, length: 1 }, `a value is missing after '${name}${sign}'`);
  }
  const value = textAt(text, from);
  return {
    kind: 'comparison',
    name: { text: name, quoted: false, position, length: name.length },
    operator,
    value,
    position,
    length: from + value.length - position,
  };
}

/** A text in quotes, or what goes on until a blank, a quote or a parenthesis. */
function textAt(text: string, position: number): Text {
  const quoted = match(QUOTED, text, position);
  if (quoted) {
    const inside = (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/gs, '$1');
    return { text: inside, quoted: true, position, length: quoted[0].length };
  }
  const run = match(RUN, text, position);
  if (run) return { text: run[0], quoted: false, position, length: run[0].length };
  throw badFilter(text, { position, length: text.length - position }, 'this quote is not closed');
}

function wordAt(text: string, word: Text): Token {
  const { position, length } = word;
  const keyword = word.text.toLowerCase();
  if (keyword === 'and' || keyword === 'or' || keyword === 'not') return { kind: keyword, position, length };
  const meant = OTHER_WORDS.get(word.text);
  if (meant !== undefined) throw badFilter(text, word, `'${word.text}' is written '${meant}' here`);
  const sign = OPERATOR_ALONE.exec(word.text)?.[0];
  if (sign !== undefined) throw badFilter(text, word, `the name of a field is missing before '${sign}'`);
  if (OPERATOR_INSIDE.test(word.text)) {
    throw badFilter(
      text,
      word,
      `'${word.text}' does not begin with the name of a field`,
      `"${word.text}" for that text`,
    );
  }
  return { kind: 'text', ...word };
}

function skipBlanks(text: string, at: number): number {
  return at + (match(BLANK, text, at)?.[0].length ?? 0);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
