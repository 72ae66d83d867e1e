/** Runs experiments, each with every variant, and judges them. */
import { type Counters, PASS_REASONS } from '../core/index.ts';
import { requirePrivileges } from '../core/privileges.ts';
import { Ending } from '../host/ending.ts';
import { findIp } from '../host/hosts.ts';
import { type Experiment, type Report, type Result, VARIANTS, type Variant } from './experiment.ts';
import { removeLeftovers } from './removal.ts';
import { Stage } from './stage.ts';

/**
 * Runs experiments one after the other.
 * @param beside a pin directory: those of the lab are made beside it
 * @param onReport gets each report as soon as there is one
 * @throws SpliceError, after everything was removed
 */
export async function runLab(
  experiments: readonly Experiment[],
  beside: string,
  onReport: (report: Report) => void,
): Promise<void> {
  requirePrivileges('load');
  findIp();
  using ending = new Ending();
  try {
    await removeLeftovers(beside);
    for (const experiment of experiments) onReport(await compare(experiment, beside, ending));
  } catch (error) {
    // What ended the run says more than what failed because it had ended.
    throw ending.signal.aborted ? ending.signal.reason : error;
  }
}

async function compare(experiment: Experiment, beside: string, ending: Ending): Promise<Report> {
  const runs: Partial<Record<Variant, Result>> = {};
  for (const variant of VARIANTS) {
    const result = await perform(experiment, variant, beside, ending);
    runs[variant] = { ...result, equalToTcp: result.behaviour === (runs.tcp ?? result).behaviour };
  }
  return { experiment, results: runs as Record<Variant, Result> };
}

async function perform(
  experiment: Experiment,
  variant: Variant,
  beside: string,
  ending: Ending,
): Promise<Omit<Result, 'equalToTcp'>> {
  const start = performance.now();
  await using stage = new Stage(variant, beside);
  const outcome = await ending.orEnd(experiment.perform(stage));
  const totals = stage.totals();
  if (totals) stage.note('splice', `counted ${describe(totals)}`);
  stage.note('result', outcome.saw);
  return { ...outcome, totals, tookMs: Math.round(performance.now() - start), events: stage.journal.events };
}

/** `2 redirects, 1 by TCP (order)` */
function describe({ redirects, passes }: Counters): string {
  const byTcp = PASS_REASONS.filter((reason) => passes[reason] > 0).map(
    (reason) => `${passes[reason]} by TCP (${reason})`,
  );
  return [`${redirects} ${redirects === 1 ? 'redirect' : 'redirects'}`, ...byTcp].join(', ');
}
