/** `splice status` */
import type { Command } from 'commander';
import { openSplice, PASS_REASONS, printable, type Status } from '../core/index.ts';
import { createCommand } from './usage.ts';

export function statusCommand(): Command {
  return createCommand('status')
    .description('Show what is loaded, where it is attached, and the totals.')
    .option('--json', 'print JSON')
    .action(({ pin, json }: { pin: string; json?: boolean }) => {
      using splice = openSplice({ pin });
      const status = splice.status();
      process.stdout.write(`${json ? JSON.stringify(status) : describeStatus(status)}\n`);
      if (status.loaded && splice.isHalfDone()) {
        process.stderr.write("warning: half up or half down: 'splice down' finishes it\n");
      }
    });
}

/** The status in words, a fact a line. */
export function describeStatus(status: Status): string {
  if (!status.loaded) return 'no splice is loaded';
  const { mode, bypass, pin, cgroups, map, totals } = status;
  const passes = PASS_REASONS.map((reason) => `${reason} ${totals.passes[reason]}`).join(', ');
  return [
    `mode       ${mode}${bypass ? ', bypass: everything goes by TCP' : ''}`,
    ...cgroups.map((cgroup, index) => `${index === 0 ? 'cgroups  ' : '         '}  ${printable(cgroup)}`),
    `map        ${map.name} (id ${map.id}), ${map.entries} of ${map.maxEntries} entries`,
    `redirects  ${totals.redirects}, ${totals.redirectBytes} bytes`,
    `passes     ${passes}`,
    `pin        ${printable(pin)}`,
  ].join('\n');
}
