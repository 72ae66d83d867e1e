/** `splice lab` */

import type { Command } from 'commander';
import { printable, SpliceError } from '../core/index.ts';
import type { Experiment, Report } from '../lab/experiment.ts';
import { unexpectedResults } from '../lab/failure.ts';
import { jsonText } from '../view/json.ts';
import { createCommand } from './usage.ts';

interface Options {
  pin: string;
  json?: boolean;
  explain?: boolean;
}

export function labCommand(): Command {
  return createCommand('lab')
    .description('The hazards of splicing, for real: plain TCP, naive and guarded beside each other.')
    .argument('[names...]', 'experiments, all when none is named')
    .option('--json', 'print JSON')
    .option('--explain', 'tell what happened in each run, in order')
    .action(lab);
}

async function lab(names: string[], { pin, json = false, explain = false }: Options): Promise<void> {
  const { EXPERIMENTS } = await import('../lab/experiments/index.ts');
  const { runLab } = await import('../lab/lab.ts');
  const { story, tableHead, tableRows } = await import('../lab/text.ts');
  const { problemsOf, toJson } = await import('../lab/verdict.ts');
  const chosen = choose(names, EXPERIMENTS);
  const reports: Report[] = [];
  if (!json) say(tableHead());
  await runLab(chosen, pin, (report) => {
    reports.push(report);
    if (!json) say(tableRows(report) + (explain ? `\n\n${story(report)}\n` : ''));
  });
  if (json) say(jsonText(reports.map((report) => toJson(report, explain))));
  const problems = reports.flatMap(problemsOf);
  if (problems.length > 0) throw unexpectedResults(problems);
}

/** @throws SpliceError BAD_OPTION, which lists the names there are */
function choose(names: readonly string[], known: readonly Experiment[]): readonly Experiment[] {
  const wrong = names.find((name) => !known.some((experiment) => experiment.name === name));
  if (wrong !== undefined) {
    const all = known.map(({ name }) => name).join(', ');
    throw new SpliceError('BAD_OPTION', `there is no experiment '${printable(wrong)}'`, all);
  }
  return names.length === 0 ? known : known.filter(({ name }) => names.includes(name));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
