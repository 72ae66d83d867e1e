/** `splice doctor` */

import type { Command } from 'commander';
import { jsonText } from '../view/json.ts';
import { createCommand } from './usage.ts';

const WIDTH = 100;

export function doctorCommand(): Command {
  return createCommand('doctor')
    .description('Try whether this machine can splice, and how spliced sockets differ from TCP here.')
    .option('--json', 'print JSON')
    .action(async ({ pin, json }: { pin: string; json?: boolean }) => {
      const { examine } = await import('../doctor/doctor.ts');
      const { report } = await import('../doctor/report.ts');
      const { checks, obstacle } = await examine(pin);
      const width = Math.min(process.stdout.columns ?? WIDTH, WIDTH);
      process.stdout.write(`${json ? jsonText(checks) : report(checks, width)}\n`);
      if (obstacle) throw obstacle;
    });
}
