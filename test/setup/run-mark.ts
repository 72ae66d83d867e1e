/** A mark in the environment, by which the processes that a test run started are known. */
import { readdirSync, readFileSync } from 'node:fs';

const VARIABLE = 'SPLICE_TEST_RUN';
const own = String(process.pid);
/** Vitest's own helper, which ends after we are asked. */
const WATCHDOG = 'vitest-watchdog';

/** From here on every process that this one starts carries the mark. */
export function markRun(): void {
  process.env[VARIABLE] = own;
}

/** The marked processes that live: `own` of this run, `others` of other runs on this machine. */
export function markedProcesses(): { own: string[]; others: string[] } {
  const found: { own: string[]; others: string[] } = { own: [], others: [] };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== own)) {
    const mark = read(`/proc/${pid}/environ`)
      .split('\0')
      .find((line) => line.startsWith(`${VARIABLE}=`));
    if (!mark) continue;
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    if (mark !== `${VARIABLE}=${own}`) found.others.push(command);
    else if (command !== WATCHDOG) found.own.push(`process ${pid} ${command}`);
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // It is gone, or it is not ours to read.
  }
}
