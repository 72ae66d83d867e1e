/** How the fields of a filter are compared: as text, numbers, addresses, or one of a few names. */
import { nearest } from '../core/index.ts';
import type { Operator } from './lexer.ts';
import { parseNetwork } from './network.ts';
import type { FilterRow, Test } from './row.ts';
import { parseQuantity, type Units } from './units.ts';

/** What is wrong with a value, as the end of a sentence that begins with the field. */
export interface Unreadable {
  readonly expected: string;
  readonly remedy?: string;
}

/** A kind of value that fields have. */
export interface Kind {
  readonly operators: readonly Operator[];
  /** The test of `field operator value`, for one of its operators. */
  compile(operator: Operator, value: string): Test | Unreadable;
}

/** Nothing where a field is not known; two where either end may fit. */
type Get<Value> = (row: FilterRow) => Value | null | undefined;
type GetEnds<Value> = (row: FilterRow) => Value | readonly [Value, Value] | null | undefined;

const COMPARING: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
const NAMING: readonly Operator[] = ['=', '!=', '~', '!~'];

/** Text: `=` is the whole text, `~` is contained in it, in upper or lower case. */
export function text(get: Get<string>): Kind {
  return {
    operators: NAMING,
    compile(operator, value) {
      const part = value.toLowerCase();
      return operator.endsWith('~')
        ? known(get, (found) => found.toLowerCase().includes(part), operator === '!~')
        : known(get, (found) => found === value, operator === '!=');
    },
  };
}

/** Numbers with units, none above `most`. */
export function number(units: Units, expected: string, most = Number.POSITIVE_INFINITY) {
  return (get: GetEnds<number>): Kind => ({
    operators: COMPARING,
    compile(operator, value) {
      const wanted = parseQuantity(value, units);
      if (wanted === null || wanted > most) return { expected };
      return known(get, comparison(operator, wanted), operator === '!=');
    },
  });
}

/** Addresses in a network. */
export function address(get: GetEnds<string>): Kind {
  return {
    operators: ['=', '!='],
    compile(operator, value) {
      const isIn = parseNetwork(value);
      if (isIn === null) return { expected: 'an address or a network, as in 10.0.0.0/8 or fd00::/8' };
      return known(get, isIn, operator === '!=');
    },
  };
}

/** One of a few names, in upper or lower case; `short` has other ways to write them. */
export function oneOf(
  names: readonly string[],
  get: Get<string>,
  short: ReadonlyMap<string, string> = new Map(),
): Kind {
  return {
    operators: NAMING,
    compile(operator, value) {
      if (operator.endsWith('~')) return text(get).compile(operator, value);
      const upper = value.toUpperCase();
      const wanted = short.get(upper) ?? names.find((name) => name.toUpperCase() === upper.replaceAll('-', '_'));
      if (wanted !== undefined) return known(get, (found) => found === wanted, operator === '!=');
      const meant = nearest(value, names);
      return { expected: `one of ${names.join(', ')}`, ...(meant !== null && { remedy: meant }) };
    },
  };
}

/** `=` of a number and the like; of `!=` too, which is the opposite. */
function comparison(operator: Operator, wanted: number): (found: number) => boolean {
  switch (operator) {
    case '<':
      return (found) => found < wanted;
    case '<=':
      return (found) => found <= wanted;
    case '>':
      return (found) => found > wanted;
    case '>=':
      return (found) => found >= wanted;
    default:
      return (found) => found === wanted;
  }
}

/**
 * A test of what a row has. Of two ends one is enough, and for the opposite neither may fit. What is
 * not known fits nothing, not even the opposite.
 */
function known<Value extends string | number>(
  get: GetEnds<Value>,
  fits: (found: Value) => boolean,
  opposite: boolean,
): Test {
  return (row) => {
    const found = get(row);
    if (found === null || found === undefined) return false;
    const fit = typeof found === 'object' ? fits(found[0]) || fits(found[1]) : fits(found as Value);
    return fit !== opposite;
  };
}
