/** Data that prints as sentences. */
import { inspect } from 'node:util';
import { wrap } from '../../view/wrap.ts';

/** Makes an object print as a text; its fields, and its JSON, stay what they are. */
export function told<Data extends object>(data: Data, text: string): Data {
  return Object.defineProperty(data, inspect.custom, { value: () => text });
}

/** Makes an object print as sentences, each on lines of its own of at most `width` columns. */
export function toldIn<Data extends object>(data: Data, sentences: readonly string[], width: number | undefined): Data {
  return told(data, sentences.map((sentence) => wrap(sentence, width)).join('\n'));
}
