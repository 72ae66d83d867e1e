/** Where the verifier's words are kept: one file a user and object, each in the place of the one before. */
import { lstatSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Writes the log of an object that was rejected.
 * @param parent a directory that others may write to, too
 * @returns the file, for this user alone
 */
export function keepVerifierLog(object: string, log: string, parent = tmpdir()): string {
  const directory = ownDirectory(join(parent, `splice-verifier-${process.geteuid?.() ?? 0}`));
  const file = join(directory, `${object}.log`);
  const next = `${file}.${process.pid}`;
  writeFileSync(next, log, { mode: 0o600 });
  renameSync(next, file);
  return file;
}

/** The directory if it is this user's alone, else a new one: in /tmp anybody may have made it first. */
function ownDirectory(path: string): string {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { uid, mode } = lstatSync(path);
  const isOurs = (mode & 0o170777) === 0o040700 && uid === process.geteuid?.();
  return isOurs ? path : mkdtempSync(`${path}-`);
}
