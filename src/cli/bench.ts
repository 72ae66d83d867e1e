/** `splice bench` */

import type { Command } from 'commander';
import { benchFailed } from '../bench/failure.ts';
import { LEAST_ROUNDS } from '../bench/schedule.ts';
import { LEAST_TO_TELL } from '../bench/statistics.ts';
import { SpliceError } from '../core/index.ts';
import { jsonText } from '../view/json.ts';
import { createCommand, wholeNumber } from './usage.ts';

interface Options {
  pin: string;
  quick?: boolean;
  rounds?: number;
  rows?: string[];
  json?: string;
  html?: string;
}

/** Unless `--quick` runs out of time, a verdict is possible. */
const ROUNDS = LEAST_TO_TELL;
const MINUTE_MS = 60_000;
/** What starting, ending and removing take stays below the two minutes. */
const QUICK_LIMIT_MS = 1.85 * MINUTE_MS;

export function benchCommand(): Command {
  return createCommand('bench')
    .description('How much splicing gives on this machine: TCP, naive, guarded and Unix sockets side by side.')
    .option('--quick', 'the most telling rows, within two minutes; all of them take about twenty')
    .option(
      '--rounds <number>',
      `how often each is measured (default: ${ROUNDS}); --quick goes down to ${LEAST_ROUNDS} when time is up: too few to tell better from worse`,
      wholeNumber(1, 1000),
    )
    .option('--rows <names...>', 'only these, as in redis-1, ping-pong-64@veth/1cpu or programs')
    .option('--json <file>', 'write JSON; - is the standard output')
    .option('--html <file>', 'write a page with charts; - is the standard output')
    .action(bench);
}

async function bench({ pin, quick = false, rounds, rows: names = [], json, html }: Options): Promise<void> {
  if (json === '-' && html === '-')
    throw new SpliceError('BAD_OPTION', 'both --json and --html are -', 'a file for one');
  const { runBench } = await import('../bench/bench.ts');
  const { OutputFile } = await import('../bench/output-file.ts');
  const { pageOf } = await import('../bench/page/page.ts');
  const { Progress } = await import('../bench/progress.ts');
  const { chooseRows } = await import('../bench/rows.ts');
  const { tableOf } = await import('../bench/table.ts');
  const choice = chooseRows(names, quick);
  using jsonFile = json === undefined ? null : new OutputFile(json);
  using htmlFile = html === undefined ? null : new OutputFile(html);
  const result = await runBench({
    choice,
    rounds: rounds ?? ROUNDS,
    limitMs: quick && rounds === undefined ? QUICK_LIMIT_MS : Number.POSITIVE_INFINITY,
    pin,
    command: ['splice', ...process.argv.slice(2)].join(' '),
    progress: new Progress(process.stderr),
    say: (text) => process.stderr.write(`${text}\n`),
  });
  if (json !== '-' && html !== '-') process.stdout.write(`${tableOf(result, process.stdout.columns)}\n`);
  jsonFile?.write(`${jsonText(result)}\n`);
  htmlFile?.write(pageOf(result));
  if (result.errors.length > 0)
    throw benchFailed(result.errors.join('\n'), 'the rows again with --rows; each error says which');
}
