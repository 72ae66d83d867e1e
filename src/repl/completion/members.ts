/** What an object has behind its dot, found without running a getter, a function or a trap of a proxy. */
import { types } from 'node:util';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const DEEPEST = 10;

/** Names of its properties and methods, those of Object left out. */
export function memberNames(value: unknown): string[] {
  const names = new Set<string>();
  let object: unknown = isObject(value) ? value : prototypeOf(value);
  for (let depth = 0; depth < DEEPEST && isObject(object); depth++) {
    if (types.isProxy(object) || isRoot(object)) break;
    for (const name of Object.getOwnPropertyNames(object)) if (IDENTIFIER.test(name)) names.add(name);
    object = Object.getPrototypeOf(object);
  }
  names.delete('constructor');
  return [...names];
}

/** The value of a property that is plain data; undefined where only a getter or a proxy could tell. */
export function dataProperty(value: unknown, name: string): unknown {
  for (let object = value, depth = 0; depth < DEEPEST && isObject(object); depth++) {
    if (types.isProxy(object)) return undefined;
    const found = Object.getOwnPropertyDescriptor(object, name);
    if (found) return found.value;
    object = Object.getPrototypeOf(object);
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Object.prototype, of this or of another context. */
function isRoot(object: object): boolean {
  return Object.getPrototypeOf(object) === null && Object.hasOwn(object, 'hasOwnProperty');
}

function prototypeOf(value: unknown): unknown {
  return value === null || value === undefined ? null : Object.getPrototypeOf(value);
}
