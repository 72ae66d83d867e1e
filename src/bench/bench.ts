/** The bench, in order: the stage, row after row, the programs themselves. Whatever happens, all is removed. */
import { requirePrivileges } from '../core/privileges.ts';
import { Ending } from '../host/ending.ts';
import { findIp } from '../host/hosts.ts';
import { runName } from '../host/identity.ts';
import { findTool, needTool } from '../host/tools.ts';
import { benchFailed } from './failure.ts';
import { describeMachine, withLoadNow } from './machine.ts';
import { Measurement } from './measurement.ts';
import { measurePrograms, type ProgramRow } from './programs.ts';
import type { Progress } from './progress.ts';
import { removeBench, removeLeftovers } from './removal.ts';
import { errorsOf, type Result, type RowResult, summarizeRow } from './result.ts';
import { type Choice, possibleRows, type Row } from './rows.ts';
import { roundsInTime, rowMs } from './schedule.ts';
import { Stage } from './stage.ts';
import { WORKLOADS } from './workloads.ts';

/** What counting the programs in a row takes, about: three rounds with both modes. */
const PROGRAM_ROW_MS = 18_000;

export interface BenchOptions {
  choice: Choice;
  rounds: number;
  /** Rounds are left out when it would take longer; Infinity for all of them. */
  limitMs: number;
  /** A pin directory: those of the bench are beside it. */
  pin: string;
  /** As the user typed it. */
  command: string;
  progress: Progress;
  /** For people, while it goes on. */
  say: (text: string) => void;
}

/** @throws SpliceError, after everything was removed */
export async function runBench(options: BenchOptions): Promise<Result> {
  requirePrivileges('load');
  findIp();
  needTool('taskset', 'util-linux');
  const isInstalled = (program: string) => findTool(program) !== null;
  const { possible, skipped } = possibleRows(options.choice.rows, isInstalled);
  const counted = possibleRows(options.choice.programs, isInstalled);
  const [unmeasured] = [...skipped, ...counted.skipped];
  if (unmeasured && possible.length + counted.possible.length === 0) throw nothingToMeasure(unmeasured.reason);
  for (const { id, reason } of skipped) options.say(`skipped ${id}: ${reason}`);
  const startedAt = new Date();
  const machine = describeMachine(WORKLOADS.flatMap(({ tools }) => tools));
  using ending = new Ending();
  const name = runName('bench');
  try {
    for (const left of await removeLeftovers(options.pin)) options.say(`removed what ${left} had left`);
    const stage = new Stage(name, options.pin);
    try {
      const { rows, errors } = await measureRows(possible, counted.possible.length, stage, ending, options);
      const programs = await measureAllPrograms(counted.possible, stage, ending, options);
      return {
        startedAt: startedAt.toISOString(),
        seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
        command: options.command,
        rounds: options.rounds,
        machine: withLoadNow(machine),
        rows,
        programs,
        skipped,
        errors,
      };
    } finally {
      stage.close();
    }
  } finally {
    options.progress.clear();
    await removeBench(name, options.pin);
  }
}

async function measureRows(
  possible: readonly Row[],
  programRows: number,
  stage: Stage,
  ending: Ending,
  { rounds: wanted, limitMs, progress }: BenchOptions,
): Promise<{ rows: RowResult[]; errors: string[] }> {
  const start = performance.now();
  const afterwardsMs = programRows * PROGRAM_ROW_MS;
  const rows: RowResult[] = [];
  const errors: string[] = [];
  let doneMs = 0;
  for (const [index, row] of possible.entries()) {
    const tookMs = performance.now() - start;
    const slowness = doneMs > 0 ? Math.max(1, tookMs / doneMs) : 1;
    const rounds = roundsInTime(possible.slice(index), wanted, (limitMs - tookMs) / slowness - afterwardsMs);
    const plannedMs = possible.slice(index).reduce((sum, each) => sum + rowMs(each, rounds), doneMs + afterwardsMs);
    const measured = await new Measurement(row, stage, ending).run(rounds, (round) => {
      const step = { row: index, rows: possible.length, name: row.id, round, rounds };
      progress.show(step, doneMs + (rowMs(row, rounds) * round) / rounds, plannedMs);
    });
    doneMs += rowMs(row, rounds);
    rows.push(summarizeRow(row, measured));
    errors.push(...errorsOf(row, measured));
  }
  return { rows, errors };
}

async function measureAllPrograms(
  rows: readonly Row[],
  stage: Stage,
  ending: Ending,
  { progress, say }: BenchOptions,
): Promise<ProgramRow[]> {
  const measured: ProgramRow[] = [];
  for (const row of rows) {
    progress.clear();
    say(`counting what the programs themselves take in ${row.id}`);
    measured.push(...(await measurePrograms(row, stage, ending)));
  }
  return measured;
}

function nothingToMeasure(reason: string) {
  return benchFailed(`there is nothing to measure: ${reason}`, 'that first, then the bench again');
}
