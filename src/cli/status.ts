/** `splice status` */

import type { Command } from 'commander';
import { type Condition, openSplice, PASS_REASONS, placeWarnings, printable, type Status } from '../core/index.ts';
import { describeKeptOut } from '../view/event-text.ts';
import { fullMapText } from '../view/full-map.ts';
import { jsonText } from '../view/json.ts';
import { createCommand, warn } from './usage.ts';

export function statusCommand(): Command {
  return createCommand('status')
    .description('Show what is loaded, where it is attached, and the totals.')
    .option('--json', 'print JSON')
    .action(({ pin, json }: { pin: string; json?: boolean }) => {
      using splice = openSplice({ pin });
      const status = splice.status();
      process.stdout.write(`${json ? jsonText(status) : describeStatus(status, splice.pin)}\n`);
      warn(placeWarnings());
      if (!status.loaded) return;
      if (status.keptOut.full > 0) warn([fullMapText(status)]);
      process.stderr.write(describeCondition(splice.condition()));
    });
}

/** What is not as it should be, a line each with what mends it; empty when all is well. */
function describeCondition({ removedCgroups, ...edits }: Condition): string {
  const removed = removedCgroups === 1 ? 'a cgroup of it was' : `${removedCgroups} cgroups of it were`;
  const warning = `warning: ${removed} removed, and what was made there since is not spliced: the same 'splice up' again attaches to it\n`;
  return describeEdits(edits) + (removedCgroups > 0 ? warning : '');
}

function describeEdits({ busy, halfDone, draining }: Omit<Condition, 'removedCgroups'>): string {
  const entries = draining === 1 ? '1 entry' : `${draining} entries`;
  if (busy && halfDone) return 'note: another command is at work: everything goes by TCP until it has finished\n';
  if (busy && draining > 0) return `note: another command is at work: it drains ${entries}\n`;
  if (halfDone) {
    return "warning: a command was cut short, or queues were not read: everything goes by TCP; 'splice down' finishes it\n";
  }
  if (draining === 0) return '';
  return `warning: a del was cut short: what is sent to ${entries} goes by TCP; 'splice mode guarded' ends that\n`;
}

/** The status in words, a fact a line. */
export function describeStatus(status: Status, directory: string): string {
  if (!status.loaded) return `no splice is loaded at ${printable(directory)}`;
  const { mode, bypass, pin, cgroups, map, totals, keptOut } = status;
  const out = describeKeptOut(keptOut);
  const passes = PASS_REASONS.map((reason) => `${reason} ${totals.passes[reason]}`).join(', ');
  return [
    `mode       ${mode}${bypass ? ', bypass: everything goes by TCP' : ''}`,
    ...cgroups.map((cgroup, index) => `${index === 0 ? 'cgroups  ' : '         '}  ${printable(cgroup)}`),
    `map        ${map.name} (id ${map.id}), ${map.entries} of ${map.maxEntries} entries`,
    `redirects  ${totals.redirects}, ${totals.redirectBytes} bytes`,
    `passes     ${passes}`,
    ...(out === '' ? [] : [`kept out   ${out}`]),
    `pin        ${printable(pin)}`,
  ].join('\n');
}
