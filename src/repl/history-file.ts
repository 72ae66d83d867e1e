/** Opens the history file so that nobody can make root write to another file by it. */
import {
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { asUser, homeOf, type User, userBehindSudo } from './as-user.ts';
import { requireOwnPath } from './own-path.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/**
 * Opens `$XDG_STATE_HOME/splice/repl_history` (by default in ~/.local/state), mode 0600 in a
 * directory of mode 0700, for reading and appending. Behind sudo it belongs to the user who called it.
 * @returns its descriptor
 * @throws Error of node:fs, or one that says what is wrong with the file
 */
export function openHistoryFile(env: NodeJS.ProcessEnv): number {
  const user = userBehindSudo(env);
  const directory = join(stateHome(env, user), 'splice');
  const file = join(directory, 'repl_history');
  if (!user) return open(directory, file, process.geteuid?.() ?? 0);
  try {
    return asUser(user, () => open(directory, file, user.uid));
  } catch (error) {
    if (!isDenied(error)) throw error;
    return openForUser(directory, file, user);
  }
}

function stateHome(env: NodeJS.ProcessEnv, user: User | null): string {
  const named = env.XDG_STATE_HOME;
  if (named && isAbsolute(named)) return named;
  return join(homeOf(env, user), '.local', 'state');
}

function open(directory: string, file: string, owner: number): number {
  const missing = firstMissing(directory);
  requireOwnPath(realpathSync(missing === null ? directory : dirname(missing)), owner);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== owner) throw new Error(`${directory} is not a directory of this user`);
  return openRegular(file, [owner]);
}

/**
 * Where the user may not write: root does it, as long as nobody else can have put a link in the
 * way, and gives it away.
 */
function openForUser(directory: string, file: string, user: User): number {
  const missing = firstMissing(directory);
  for (let above = dirname(missing ?? directory); ; above = dirname(above)) {
    const { uid, mode } = lstatSync(above);
    const closed = (mode & 0o022) === 0 || (mode & 0o1000) !== 0;
    if (uid !== 0 || !closed || !lstatSync(above).isDirectory()) throw new Error(`${above} is not root's alone`);
    if (above === dirname(above)) break;
  }
  if (missing) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chownSync(directory, user.uid, user.gid);
  }
  if (lstatSync(directory).uid !== user.uid) throw new Error(`${directory} belongs to another user`);
  try {
    return asUser(user, () => openRegular(file, [user.uid]));
  } catch (error) {
    if (!isDenied(error)) throw error;
    const opened = openRegular(file, [user.uid, 0]);
    fchownSync(opened, user.uid, user.gid);
    return opened;
  }
}

/** The topmost directory of a path that is not there; null when all are. */
function firstMissing(path: string): string | null {
  let missing: string | null = null;
  for (let above = path; !lstatSync(above, { throwIfNoEntry: false }); above = dirname(above)) missing = above;
  return missing;
}

/** No symbolic link, no second name of another file, no pipe, and only of these owners. */
function openRegular(file: string, owners: number[]): number {
  const opened = openSync(file, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const found = fstatSync(opened);
  if (found.isFile() && found.nlink === 1 && owners.includes(found.uid)) {
    fchmodSync(opened, 0o600);
    return opened;
  }
  closeSync(opened);
  throw new Error(`${file} is not a file of this user alone`);
}

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}
