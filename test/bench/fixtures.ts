/** A run's result for the tests of the table and of the page. */
import type { Machine } from '../../src/bench/machine.ts';
import type { Measured } from '../../src/bench/measurement.ts';
import { type Result, summarizeRow } from '../../src/bench/result.ts';
import { ALL_ROWS, type Row } from '../../src/bench/rows.ts';
import type { Variant } from '../../src/bench/variants.ts';
import type { Quantiles } from '../../src/bench/workload.ts';

const NO_PASSES = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };

/** How many times as much a variant does as TCP. */
const TIMES: Readonly<Record<Variant, number>> = { tcp: 1, naive: 2, guarded: 1.9, unix: 2.4 };
const ROUNDS = [0.96, 1.1, 1, 0.98, 1.04];

export function rowNamed(id: string): Row {
  const row = ALL_ROWS.find((each) => each.id === id);
  if (!row) throw new Error(`there is no row ${id}`);
  return row;
}

/** A variant that was measured in five rounds; `times` is how much it does of what TCP does. */
export function measured(row: Row, variant: Variant, times: number = TIMES[variant]): Measured {
  const rounds = ROUNDS.map((noise, index) => {
    const value = ({ better }: { better: string }) =>
      better === 'more' ? 10_000 * times * noise : (20 / times) * (ROUNDS[(index + 2) % ROUNDS.length] as number);
    const values = Object.fromEntries(row.workload.metrics.map((metric) => [metric.name, value(metric)]));
    const quantiles: Quantiles = [25, 50, 75, 90, 99, 99.9].map((percent) => [percent, (10 + percent / 4) / times]);
    return { values, quantiles };
  });
  // On a busy machine a round may be off by any factor.
  const [late] = rounds;
  if (late && row.id === 'ping-pong-16k@veth/2cpu' && variant === 'tcp') late.values = { ...late.values, p50: 33_000 };
  const isSpliced = variant === 'naive' || variant === 'guarded';
  const counted = isSpliced ? { redirects: 40_000, redirectBytes: 2_560_000, passes: { ...NO_PASSES } } : null;
  return { variant, rounds, counted, failure: null };
}

export const MACHINE: Machine = {
  kernel: '6.1.0-test',
  cpu: 'Example <CPU> & "Co"',
  cpus: 4,
  allowedCpus: [0, 1],
  memoryGiB: 24,
  mitigations: { spectre_v2: 'Mitigation: Retpolines' },
  virtual: 'KVM',
  congestionControl: 'cubic',
  libbpf: 'v1.1',
  node: '24.0.0',
  tools: { sockperf: '3.7', wrk: null },
  load: { before: 0.5, after: 1.25 },
};

/** A result of these rows, or of one of each kind, with five rounds or fewer. */
export function resultOf(
  rows: readonly Row[] = ['ping-pong-64@veth/1cpu', 'stream@veth/2cpu', 'redis-20@veth/2cpu'].map(rowNamed),
  rounds: number = ROUNDS.length,
): Result {
  return {
    startedAt: '2026-11-22T12:00:00.000Z',
    seconds: 100,
    command: 'splice bench --html <b>page</b>.html',
    rounds,
    machine: MACHINE,
    rows: rows.map((row) =>
      summarizeRow(
        row,
        row.variants.map((variant) => {
          const all = measured(row, variant);
          return { ...all, rounds: all.rounds.slice(0, rounds) };
        }),
      ),
    ),
    programs: [
      { mode: 'guarded', program: 'redirect_traffic', row: 'ping-pong-64@veth/1cpu', runs: 1000, nsPerRun: 312 },
    ],
    skipped: [],
    errors: [],
  };
}
