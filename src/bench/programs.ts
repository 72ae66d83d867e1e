/** What the programs themselves cost: nanoseconds a run, while real traffic goes through them. */
import { countProgramRuns, type ProgramCost, programCosts } from '../core/program-costs.ts';
import type { Ending } from '../host/ending.ts';
import { Measurement } from './measurement.ts';
import type { Row } from './rows.ts';
import type { Stage } from './stage.ts';
import { median } from './statistics.ts';
import { SPLICED, type SplicedVariant } from './variants.ts';

/** A program of a mode: the median of the rounds. */
export interface ProgramRow {
  mode: SplicedVariant;
  program: string;
  /** The row whose traffic it was. */
  row: string;
  runs: number;
  nsPerRun: number;
}

const ROUNDS = 3;

/**
 * Counts while a row is measured once more. That is a pass of its own, because counting takes time.
 * @throws SpliceError when the run ends; a row that fails has no figures
 */
export async function measurePrograms(row: Row, stage: Stage, ending: Ending): Promise<ProgramRow[]> {
  const seen: ({ mode: SplicedVariant } & ProgramCost)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const read = () => SPLICED.flatMap((mode) => programCosts(stage.pin(mode)).map((cost) => ({ mode, ...cost })));
    const before = read();
    {
      using _counting = countProgramRuns();
      await new Measurement({ ...row, variants: SPLICED }, stage, ending).run(1, () => {});
    }
    for (const [index, cost] of read().entries()) {
      const { runs = 0, ns = 0 } = before[index] ?? {};
      seen.push({ ...cost, runs: cost.runs - runs, ns: cost.ns - ns });
    }
  }
  return SPLICED.flatMap((mode) =>
    [...new Set(seen.map(({ program }) => program))].flatMap((program) => {
      const rounds = seen.filter((cost) => cost.mode === mode && cost.program === program && cost.runs > 0);
      if (rounds.length === 0) return [];
      const runs = rounds.reduce((sum, cost) => sum + cost.runs, 0);
      return [{ mode, program, row: row.id, runs, nsPerRun: median(rounds.map((cost) => cost.ns / cost.runs)) }];
    }),
  );
}
