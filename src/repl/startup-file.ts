/** ~/.config/splice/repl.js: what a user wants to have run at the prompt. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { asUser, homeOf, userBehindSudo } from './as-user.ts';
import type { Script } from './script.ts';

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Reads `$XDG_CONFIG_HOME/splice/repl.js` (by default in ~/.config), of whoever called sudo where this
 * runs through it. What is looked at is the file that was opened: nobody can change it over in between.
 * @returns null when there is none
 * @throws Error that says why it may not be run, or cannot be read
 */
export function readStartupFile(env: NodeJS.ProcessEnv): Script | null {
  const user = userBehindSudo(env);
  const named = env.XDG_CONFIG_HOME;
  const config = named && isAbsolute(named) ? named : join(homeOf(env, user), '.config');
  const file = join(config, 'splice', 'repl.js');
  const read = () => readOwn(file, user?.uid ?? process.geteuid?.() ?? 0);
  const text = user ? asUser(user, read) : read();
  return text === null ? null : { text, file };
}

function readOwn(file: string, owner: number): string | null {
  const opened = openOrNull(file);
  if (opened === null) return null;
  try {
    const { uid, mode } = fstatSync(opened);
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!isFile) throw new Error(`${file} is not run: it is not a file`);
    if (uid !== owner) throw new Error(`${file} is not run: it belongs to another user (uid ${uid})`);
    if (mode & WRITABLE_BY_OTHERS) throw new Error(`${file} is not run: others may write it; chmod go-w helps`);
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}

function openOrNull(file: string): number | null {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
