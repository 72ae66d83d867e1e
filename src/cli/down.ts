/** `splice down` */
import type { Command } from 'commander';
import { openSplice, placeWarnings } from '../core/index.ts';
import { Interruption } from './interruption.ts';
import { createCommand, warn, wholeNumber } from './usage.ts';

const MOST_SECONDS = 86_400;

export function downCommand(): Command {
  return createCommand('down')
    .description('Bypass, wait until every queue is read, remove the entries, detach, unpin.')
    .option('--timeout <seconds>', 'how long to wait for readers', wholeNumber(0, MOST_SECONDS), 10)
    .option('--force', 'then drop what is not read')
    .action(async ({ pin, timeout, force = false }: { pin: string; timeout: number; force?: boolean }) => {
      using splice = openSplice({ pin });
      using interruption = new Interruption();
      const { signal } = interruption;
      const { removed, lostBytes, notWoken = [] } = await splice.down({ timeoutMs: timeout * 1000, force, signal });
      const lost = lostBytes > 0 ? `, ${lostBytes} bytes lost` : '';
      process.stdout.write(`down: ${removed} ${removed === 1 ? 'entry' : 'entries'} removed${lost}\n`);
      warn([...notWoken.map(notWokenText), ...placeWarnings()]);
    });
}

/** What to know of a reader that could not be woken. */
function notWokenText(reader: string): string {
  return `the edge-triggered reader of ${reader}, may not notice bytes that wait until more come: CAP_SYS_PTRACE wakes it`;
}
