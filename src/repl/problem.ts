/** What a thrown value looks like at the prompt and on stderr. */
import { types } from 'node:util';
import { formatError, InputError, nearest, printable, SpliceError } from '../core/index.ts';
import { caret } from '../view/caret.ts';
import { wrap } from '../view/wrap.ts';
import { isInterruption } from './interruption.ts';

/** What to try, by the name of the error; the most common mistakes of someone who types. */
const REMEDIES: Readonly<Record<string, string>> = {
  ReferenceError: 'help(), which lists the names there are',
  SyntaxError: 'the line again with its quotes and brackets closed; help() has examples',
};
const OTHER_REMEDY = 'the same with DEBUG=splice, which shows where it was thrown';

export interface ProblemOptions {
  /** Name that the code was evaluated under, when the user knows it. */
  file?: string | undefined;
  /** Names that may have been meant by one that there is not: of variables, and of methods. */
  names?: () => Iterable<string>;
  /** Columns of the terminal of somebody who reads it: a bad key or filter is shown with a mark under the bad part. */
  width?: number | undefined;
  env?: NodeJS.ProcessEnv;
}

/**
 * The text of any thrown value: ours as they are everywhere, an error of the user's own code as one
 * line with its name and, for code that came from a file, its line. No stack trace unless DEBUG=splice.
 */
export function describeProblem(thrown: unknown, options: ProblemOptions = {}): string {
  try {
    return describe(thrown, options);
  } catch {
    // Its own getters threw.
    return formatError(new SpliceError('SCRIPT', 'something was thrown that cannot be shown', OTHER_REMEDY), {});
  }
}

function describe(thrown: unknown, options: ProblemOptions): string {
  const { file, names, width, env = process.env } = options;
  if (thrown instanceof SpliceError) return fitted(thrown, env, width);
  if (isInterruption(thrown)) return 'interrupted';
  const name = errorName(thrown);
  const said = types.isNativeError(thrown) ? onOneLine(messageOf(thrown)) : '';
  const message = types.isNativeError(thrown) ? `${name}: ${said}` : `thrown: ${show(thrown)}`;
  const place = file === undefined ? '' : lineIn(file, thrown);
  const leaves = /^(?:exit|quit|q) is not defined$/.test(said) ? 'Ctrl-D, or .exit, which leaves' : null;
  const meant = names && leaves === null ? whatWasMeant(said, names()) : null;
  const question = meant === null ? '' : `; did you mean '${meant}'?`;
  const remedy =
    meant === null ? (leaves ?? REMEDIES[name] ?? OTHER_REMEDY) : `${meant}; help() lists the names there are`;
  const problem = new SpliceError('SCRIPT', message + place + question, remedy);
  if (types.isNativeError(thrown) && thrown.stack) problem.stack = thrown.stack;
  return fitted(problem, env, width);
}

/** The text of an error; for a terminal broken at blanks, with a mark under what is wrong. */
function fitted(error: SpliceError, env: NodeJS.ProcessEnv, width: number | undefined): string {
  const text = formatError(error, env);
  if (width === undefined) return text;
  const tryAt = text.indexOf('\ntry: ');
  const [remedy = '', ...stack] = text.slice(tryAt + 1).split('\n');
  const mark = error instanceof InputError ? [caret(error, width)] : [];
  return [wrap(text.slice(0, tryAt), width), ...mark, wrap(remedy, width), ...stack].join('\n');
}

/** The name that stands for the one that V8 did not know. */
function whatWasMeant(message: string, names: Iterable<string>): string | null {
  const [, unknown] = /^([\w$]+) is not defined$/.exec(message) ?? /\.([\w$]+) is not a function$/.exec(message) ?? [];
  return unknown === undefined ? null : nearest(unknown, names);
}

function errorName(thrown: unknown): string {
  return types.isNativeError(thrown) ? printable(String(thrown.name)) : '';
}

/** An error of the user's may have a message of any kind. */
function messageOf(error: Error): string {
  return typeof error.message === 'string' ? error.message : show(error.message);
}

/** The first line; of what node says about code with an await, the reason and the line it is in. */
function onOneLine(text: string): string {
  const [source = '', , , reason = ''] = text.startsWith('\n') ? text.slice(1).split('\n') : [];
  return printable(reason ? `${reason}, in: ${source.trim()}` : (text.split('\n', 1)[0] ?? ''));
}

function lineIn(file: string, thrown: unknown): string {
  const stack = types.isNativeError(thrown) ? (thrown.stack ?? '') : '';
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + file.length + 1))?.[0];
  return line === undefined ? '' : ` (${printable(file)}, line ${line})`;
}

/** A thrown value that is no error; its own conversion to text may throw in turn. */
function show(thrown: unknown): string {
  try {
    return onOneLine(String(thrown));
  } catch {
    return typeof thrown;
  }
}
