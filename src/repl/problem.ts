/** What a thrown value looks like at the prompt and on stderr. */
import { types } from 'node:util';
import { formatError, printable, SpliceError } from '../core/index.ts';

/** What to try, by the name of the error; the most common mistakes of someone who types. */
const REMEDIES: Readonly<Record<string, string>> = {
  ReferenceError: 'help(), which lists the names there are',
  SyntaxError: 'the line again with its quotes and brackets closed; help() has examples',
};
const OTHER_REMEDY = 'the same with DEBUG=splice, which shows where it was thrown';

/**
 * The text of any thrown value: ours as they are everywhere, an error of the user's own code as one
 * line with its name and, for code that came from a file, its line. No stack trace unless DEBUG=splice.
 * @param file name that the code was evaluated under, when the user knows it
 */
export function describeProblem(thrown: unknown, file?: string, env: NodeJS.ProcessEnv = process.env): string {
  if (thrown instanceof SpliceError) return formatError(thrown, env);
  if (isInterruption(thrown)) return 'interrupted';
  const name = errorName(thrown);
  const message = types.isNativeError(thrown) ? `${name}: ${onOneLine(thrown.message)}` : `thrown: ${show(thrown)}`;
  const place = file === undefined ? '' : lineIn(file, thrown);
  const problem = new SpliceError('SCRIPT', message + place, REMEDIES[name] ?? OTHER_REMEDY);
  if (types.isNativeError(thrown) && thrown.stack) problem.stack = thrown.stack;
  return formatError(problem, env);
}

/** Whether this is node's way to say that Ctrl-C ended an evaluation. */
function isInterruption(thrown: unknown): boolean {
  return types.isNativeError(thrown) && (thrown as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}

function errorName(thrown: unknown): string {
  return types.isNativeError(thrown) ? printable(String(thrown.name)) : '';
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
