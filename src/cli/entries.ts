/** `splice entries` */
import { type Command, Option } from 'commander';
import { openSplice, placeWarnings } from '../core/index.ts';
import { parseFilter } from '../filter/index.ts';
import { toCsv } from '../view/csv.ts';
import { plainTable } from '../view/plain-table.ts';
import { createCommand, warn } from './usage.ts';

interface Options {
  pin: string;
  filter?: string;
  json?: true;
  csv?: true;
}

export function entriesCommand(): Command {
  return createCommand('entries')
    .description('List the entries, once.')
    .option('--filter <expression>', "only those that fit, such as 'port=6379 and not spliced'")
    .option('--json', 'print JSON')
    .addOption(new Option('--csv', 'print comma-separated values').conflicts('json'))
    .action(({ pin, filter: expression = '', json, csv }: Options) => {
      const filter = parseFilter(expression, { oneLook: true });
      using splice = openSplice({ pin });
      const entries = splice.entries().filter((entry) => filter.matches(entry));
      const text = csv
        ? toCsv(entries.map((entry) => entry.toJSON()))
        : `${json ? JSON.stringify(entries) : plainTable(entries, process.stdout.columns)}\n`;
      process.stdout.write(text);
      warn(placeWarnings());
    });
}
