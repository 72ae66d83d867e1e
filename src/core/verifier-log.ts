/** What the verifier said: the reason in it, and where all of it is kept, one file a user and object. */
import { lstatSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MOST_LINES = 12;
/** Linux 7.3 puts the reason here, and writes a long report behind it. */
const REASON = /^.*Verification failed:/m;
/** What every kernel writes behind the last word on a program; libbpf goes on after it. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states|total_states|peak_states|mark_read)/;

/** The lines of a log that say why a program was rejected, wherever the kernel wrote them. */
export function verifierReason(log: string): string[] {
  const marked = REASON.exec(log);
  if (marked !== null) return log.slice(marked.index).split('\n', MOST_LINES).map(endTrimmed).filter(isNotEmpty);
  // The first program that is rejected ends the load.
  const [program = log] = log.split(/^-- END PROG LOAD LOG --$/m);
  const lines = program.split('\n').map(endTrimmed);
  return lines.filter((line) => isNotEmpty(line) && !STATISTICS.test(line)).slice(-MOST_LINES);
}

function endTrimmed(line: string): string {
  return line.trimEnd();
}

function isNotEmpty(line: string): boolean {
  return line !== '';
}

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
