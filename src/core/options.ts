/** Checks of what callers hand over: at the prompt and in plain JavaScript no compiler has looked at it. */
import { SpliceError } from './errors.ts';
import { nearest } from './nearest.ts';
import { asText, printable } from './printable.ts';

/** What an option may be: how it is told, and in words. */
const KINDS = {
  boolean: [(value) => typeof value === 'boolean', 'true or false'],
  milliseconds: [(value) => typeof value === 'number' && value >= 0, 'a number of milliseconds, 0 or more'],
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal'],
  count: [(value) => Number.isInteger(value) && (value as number) > 0, 'a whole number, 1 or more'],
  path: [isPath, 'a path'],
  paths: [(value) => Array.isArray(value) && value.every(isPath), 'an array of paths'],
  list: [(value) => Array.isArray(value), 'an array'],
  descriptor: [
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0x7fff_ffff,
    'a whole number, 0 or more',
  ],
  /** Checked where it is used. */
  any: [() => true, 'anything'],
} as const satisfies Record<string, readonly [(value: unknown) => boolean, string]>;

type Kind = keyof typeof KINDS;

/**
 * Refuses options of another type, and names that there are not: a mistyped one must not be taken
 * for its default.
 * @param of whose options they are, for the error
 * @param kinds what each one must be, if it is there
 * @param needed those that must be there
 * @throws SpliceError BAD_OPTION
 */
export function checkOptions<Options extends object>(
  of: string,
  options: Options,
  kinds: Record<keyof Required<Options>, Kind>,
  needed: readonly (keyof Options)[] = [],
): Options {
  const names = Object.keys(kinds) as (keyof Options & string)[];
  if (!isObject(options)) throw bad(`the options of ${of} are ${shown(options)}`, `an object: {${names.join(', ')}}`);
  for (const name of Object.keys(options)) {
    if (name in kinds) continue;
    const meant = nearest(name, names);
    throw bad(`${of} has no option '${printable(name)}'`, meant === null ? `{${names.join(', ')}}` : `{${meant}}`);
  }
  for (const name of names) {
    const value = options[name];
    const [isGood, expected] = KINDS[kinds[name]];
    if ((value !== undefined || needed.includes(name)) && !isGood(value))
      throw bad(`${name} of ${of} is ${shown(value)}`, expected);
  }
  return options;
}

/** No path has a NUL: the kernel would read up to it. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = printable(asText(value));
  return typeof value === 'string' ? `'${text}'` : text;
}

function bad(what: string, remedy: string): SpliceError {
  return new SpliceError('BAD_OPTION', what, remedy);
}
