/** ~/.config/splice/repl.js: what a user wants to have run at the prompt. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { readText } from '../core/bounded-file.ts';
import { asUser, homeOf, userBehindSudo } from './as-user.ts';
import { requireOwnPath } from './own-path.ts';
import { MOST_OF_SCRIPT, type Script } from './script.ts';

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
    const { uid, mode, ino, dev } = fstatSync(opened);
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!isFile) throw new Error(`${file} is not run: it is not a file`);
    if (uid !== owner) throw new Error(`${file} is not run: it belongs to another user (uid ${uid})`);
    if (mode & WRITABLE_BY_OTHERS) throw new Error(`${file} is not run: others may write it; chmod go-w helps`);
    // A link may lead to it, but only to where nobody else could have put it.
    const real = readlinkSync(`/proc/self/fd/${opened}`);
    for (const directory of [realpathSync(dirname(file)), dirname(real)]) requireOwnDirectory(file, directory, owner);
    const there = lstatSync(real);
    if (there.ino !== ino || there.dev !== dev) throw new Error(`${file} is not run: it was replaced meanwhile`);
    return readText(opened, MOST_OF_SCRIPT);
  } finally {
    closeSync(opened);
  }
}

function requireOwnDirectory(file: string, directory: string, owner: number): void {
  try {
    requireOwnPath(directory, owner);
  } catch (error) {
    throw new Error(`${file} is not run: ${(error as Error).message}`);
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
