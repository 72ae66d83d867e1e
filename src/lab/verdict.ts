/** What the results of an experiment say about the splice, and about the experiment. */
import { type Report, VARIANTS, type Variant } from './experiment.ts';

/** How one variant did: as TCP does, or otherwise; TCP itself is what they are measured by. */
export function verdictOf({ results }: Report, variant: Variant): string {
  if (variant === 'tcp') return '';
  return results[variant].equalToTcp ? 'equal to TCP' : 'broken';
}

/** What is wrong with the results, one sentence each; nothing when all is as it must be. */
export function problemsOf(report: Report): string[] {
  const { experiment, results } = report;
  const problems: string[] = [];
  if (!results.guarded.equalToTcp) {
    problems.push(`${experiment.name}: guarded is not equal to TCP: ${results.guarded.saw}`);
  }
  const naive = results.naive.equalToTcp ? 'equal' : 'broken';
  if (naive !== experiment.naive) {
    const did = naive === 'equal' ? 'did not fail' : `failed (${results.naive.saw})`;
    problems.push(
      `${experiment.name}: the experiment is broken: naive ${did} where it is known to ${naive === 'equal' ? 'fail' : 'hold'}`,
    );
  }
  return problems;
}

/** The results as `--json` has them; with what happened when `explain` is set. */
export function toJson(report: Report, explain: boolean): object {
  const { name, hazard, naive, explanation } = report.experiment;
  const results = VARIANTS.map((variant) => {
    const { events, ...result } = report.results[variant];
    return [variant, { ...result, ...(explain && { events }) }];
  });
  return { name, hazard, results: Object.fromEntries(results), naiveExpected: naive, explanation };
}
