/** Files that we write for the user: new ones only, for nobody else to read. */
import { constants, openSync } from 'node:fs';
import { SpliceError } from './errors.ts';
import { printable } from './printable.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * Makes a file, mode 0600, and opens it for writing. What is there already is never written over,
 * nor is a symbolic link followed.
 * @returns its descriptor
 * @throws SpliceError FILE_NOT_WRITTEN
 */
export function createNewFile(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

/** The error for a file that could not be written; `cause` is what node:fs threw. */
export function notWritten(path: string, cause: unknown): SpliceError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') {
    return new SpliceError(
      'FILE_NOT_WRITTEN',
      `${printable(path)} is there already, and no file is written over`,
      'another name, or remove it first',
      cause,
    );
  }
  return new SpliceError('FILE_NOT_WRITTEN', printable(message), 'a file that can be written, with room for it', cause);
}
