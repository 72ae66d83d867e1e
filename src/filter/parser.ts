/** Makes a test of a filter: a recursive descent over its tokens. */
import { nearest } from '../core/index.ts';
import { badFilter, type Span } from './bad-filter.ts';
import { FILTER_FIELDS, type FilterField } from './fields.ts';
import { type Text, type Token, tokenize } from './lexer.ts';
import type { FilterRow, Test } from './row.ts';

type Comparison = Extract<Token, { readonly kind: 'comparison' }>;

const BY_NAME = new Map(FILTER_FIELDS.map((field) => [field.name.toLowerCase(), field]));

/** Deeper than anybody writes; what is deeper still would overflow the stack. */
const DEEPEST = 64;

export interface ParseOptions {
  /** One look at the maps is all there is: fields that it does not tell are refused. */
  readonly oneLook?: boolean;
}

/**
 * The test that a filter stands for.
 * @throws InputError BAD_FILTER
 */
export function parse(text: string, options: ParseOptions): Test {
  return new Parser(text, options).parse();
}

class Parser {
  readonly #text: string;
  readonly #oneLook: boolean;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, { oneLook = false }: ParseOptions) {
    this.#text = text;
    this.#oneLook = oneLook;
    this.#tokens = tokenize(text);
  }

  parse(): Test {
    if (this.#tokens.length === 0) return () => true;
    const test = this.#alternatives();
    const rest = this.#tokens[this.#at];
    if (rest) throw this.#bad(rest, "this ')' closes nothing");
    return test;
  }

  /** One or more, any of which is enough. */
  #alternatives(): Test {
    const tests = [this.#terms()];
    while (this.#take('or')) tests.push(this.#terms());
    const [only] = tests;
    return only && tests.length === 1 ? only : (row) => tests.some((test) => test(row));
  }

  /** One or more, all of which are needed. */
  #terms(): Test {
    const tests = [this.#term()];
    while (this.#take('and') || this.#goesOn()) tests.push(this.#term());
    const [only] = tests;
    return only && tests.length === 1 ? only : (row) => tests.every((test) => test(row));
  }

  #goesOn(): boolean {
    const kind = this.#tokens[this.#at]?.kind;
    return kind !== undefined && kind !== 'or' && kind !== 'close';
  }

  #term(): Test {
    let opposite = false;
    while (this.#take('not')) opposite = !opposite;
    const test = this.#operand();
    return opposite ? (row) => !test(row) : test;
  }

  #operand(): Test {
    const token = this.#tokens[this.#at];
    const before = this.#tokens[this.#at - 1];
    if (token) this.#at++;
    if (token?.kind === 'comparison') return this.#comparison(token);
    if (token?.kind === 'text') return this.#textAlone(token);
    if (token?.kind === 'open') return this.#group(token);
    const missing = before ? `something is missing after '${this.#written(before)}'` : 'something is missing here';
    throw this.#bad(token ?? { position: this.#text.length, length: 1 }, missing);
  }

  #group(open: Token): Test {
    if (++this.#depth > DEEPEST) throw this.#bad(open, 'the parentheses are nested too deeply');
    const test = this.#alternatives();
    if (!this.#take('close')) throw this.#bad(open, "this '(' is not closed");
    this.#depth--;
    return test;
  }

  #comparison({ name, operator, value }: Comparison): Test {
    const field = this.#find(name);
    if ('test' in field) throw this.#bad(name, `'${field.name}' stands alone, and 'not ${field.name}' is the opposite`);
    const { kind } = field;
    if (!kind.operators.includes(operator)) {
      throw this.#bad(name, `'${field.name}' is compared with ${kind.operators.join(' ')}, not with ${operator}`);
    }
    const compiled = kind.compile(operator, value.text);
    if (typeof compiled === 'function') return compiled;
    const { expected, remedy = field.example } = compiled;
    throw this.#bad(value, `'${field.name}' is ${expected}, not '${value.text}'`, remedy);
  }

  #find(name: Text): FilterField {
    const field = BY_NAME.get(name.text.toLowerCase());
    if (!field) {
      const meant = nearest(name.text, BY_NAME.keys());
      const known = meant === null ? null : (BY_NAME.get(meant) as FilterField);
      const question = known ? ` (did you mean '${known.name}'?)` : '';
      const remedy = known?.example ?? `one of ${FILTER_FIELDS.map((one) => one.name).join(', ')}`;
      throw this.#bad(name, `there is no field '${name.text}'${question}`, remedy);
    }
    if (field.live && this.#oneLook) {
      throw this.#bad(name, `'${field.name}' is not known from one look`, 'splice-tui --filter, which goes on looking');
    }
    return field;
  }

  /** A word of the language, or a part of the key or of the name of the process. */
  #textAlone(token: Text): Test {
    const field = token.quoted ? undefined : BY_NAME.get(token.text.toLowerCase());
    if (field && 'test' in field) return field.test;
    if (field)
      throw this.#bad(token, `'${field.name}' needs a value`, `${field.example}, or "${token.text}" for the text`);
    const part = token.text.toLowerCase();
    return ({ key, process }: FilterRow) => key.includes(part) || process?.comm.toLowerCase().includes(part) === true;
  }

  #take(kind: Token['kind']): boolean {
    const found = this.#tokens[this.#at]?.kind === kind;
    if (found) this.#at++;
    return found;
  }

  #written({ position, length }: Span): string {
    return this.#text.slice(position, position + length);
  }

  #bad(span: Span, why: string, remedy?: string): Error {
    return badFilter(this.#text, span, why, remedy);
  }
}
