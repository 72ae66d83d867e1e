/**
 * A line of a recording is hostile text until it was through here: every number is in bounds, every
 * text is short and printable, every list ends. What a newer program added is left out.
 */
import { KEPT_OUT_REASONS, LEAVE_REASONS, MODES, PASS_REASONS } from '../core/layout.ts';
import { printable } from '../core/printable.ts';
import { MOST } from './format.ts';
import { keyFields } from './keys.ts';

/** What is wrong with a line, in words that follow the line's number. */
export class Flaw extends Error {
  /** A file that is no recording at all, or one of a later version, needs another remedy. */
  readonly kind: 'damaged' | 'foreign' | 'newer';

  constructor(message: string, kind: Flaw['kind'] = 'damaged') {
    super(message);
    this.kind = kind;
  }
}

/** The fields of an object, none of them checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object, whatever is in it. */
export function fields(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Flaw(`${name} is not an object`);
}

/** A list of at most `most`, each checked; a list that is left out is empty. */
export function list<T>(value: unknown, name: string, most: number, check: (item: unknown, name: string) => T): T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Flaw(`${name} is not a list`);
  if (value.length > most) throw new Flaw(`${name} has ${value.length} items, more than ${most}`);
  return value.map((item) => check(item, name));
}

/** A list of pairs, as a map would have them. */
export function pairs<K, V>(
  value: unknown,
  name: string,
  most: number,
  [key, other]: readonly [(item: unknown, name: string) => K, (item: unknown, name: string) => V],
): (readonly [K, V])[] {
  return list(value, name, most, (item) => {
    if (!Array.isArray(item) || item.length !== 2) throw new Flaw(`${name} has an item that is not a pair`);
    return [key(item[0], name), other(item[1], name)] as const;
  });
}

/** A number that counts: not negative, and exact. */
export function count(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new Flaw(`${name} is not a number from 0 to 2^53`);
}

/** A whole number from 0 to `most`. */
export function countUpTo(most: number): (value: unknown, name: string) => number {
  return (value, name) => {
    const number = count(value, name);
    if (Number.isInteger(number) && number <= most) return number;
    throw new Flaw(`${name} is not a whole number from 0 to ${most}`);
  };
}

/** True or false. */
export function flag(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Flaw(`${name} is not true or false`);
}

/** Text of another process, cut and printable. */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return printable(value.slice(0, MOST.textLength));
  throw new Flaw(`${name} is not text`);
}

/** A socket cookie: a number as text, for it has 64 bits. */
export function cookie(value: unknown, name: string): string {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return value;
  throw new Flaw(`${name} has a cookie that is not a number as text`);
}

/** A key in the one way that it is written. */
export function key(value: unknown, name: string): string {
  try {
    return keyFields(text(value, name)).key;
  } catch {
    throw new Flaw(`${name} has a key that is none`);
  }
}

/** One of a few words. */
export function oneOf<T extends string>(values: readonly T[]): (value: unknown, name: string) => T {
  return (value, name) => {
    const known = values.find((one) => one === value);
    if (known !== undefined) return known;
    throw new Flaw(`${name} is none of ${values.join(', ')}`);
  };
}

export const mode = oneOf(MODES);
export const passReason = oneOf(PASS_REASONS);
export const leaveReason = oneOf(LEAVE_REASONS);
export const keptOutReason = oneOf(KEPT_OUT_REASONS);

/** What may be null. */
export function orNull<T>(check: (value: unknown, name: string) => T): (value: unknown, name: string) => T | null {
  return (value, name) => (value === null ? null : check(value, name));
}

/** The object of the fields that are there, each checked; those that are left out stay out. */
export function some<T extends object>(
  value: unknown,
  name: string,
  checks: { readonly [Name in keyof T]-?: (value: unknown, name: string) => T[Name] },
): Partial<T> {
  const found = fields(value, name);
  const checked: Partial<T> = {};
  for (const field of Object.keys(checks) as (keyof T & string)[]) {
    if (Object.hasOwn(found, field)) checked[field] = checks[field](found[field], `${name}.${field}`);
  }
  return checked;
}

/** The same where none may be missing. */
export function every<T extends object>(
  value: unknown,
  name: string,
  checks: { readonly [Name in keyof T]-?: (value: unknown, name: string) => T[Name] },
): T {
  const checked = some(value, name, checks);
  const missing = Object.keys(checks).find((field) => !Object.hasOwn(checked, field));
  if (missing !== undefined) throw new Flaw(`${name} has no ${missing}`);
  return checked as T;
}
