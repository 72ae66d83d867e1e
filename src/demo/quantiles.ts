/** Latencies in two figures each. */

/** Microseconds. */
export interface Latency {
  p50: number;
  p99: number;
}

/** With the services paused and, once it was measured, while they run. */
export interface Comparison {
  before: Latency;
  after: Latency;
  live: { before: Latency; after: Latency } | null;
}

/** The quantiles of all samples together. */
export function summarize(rounds: readonly Float64Array[]): Latency {
  const all = new Float64Array(rounds.reduce((sum, round) => sum + round.length, 0));
  let filled = 0;
  for (const round of rounds) {
    all.set(round, filled);
    filled += round.length;
  }
  all.sort();
  const at = (share: number) => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
