/** When what runs: variants in turn, how long it will take, and how many rounds there is time for. */
import type { Row } from './rows.ts';

/** A row with a time limit is not cut below: a first look, which says better or worse of nothing (`LEAST_TO_TELL`). */
export const LEAST_ROUNDS = 3;

/** What starting and ending takes besides. */
const SERVER_MS = 120;
const CLIENT_MS = 150;

/** Between two clients that start early and wait: what starting and ending takes of the one before. */
export const APART_MS = 150;

export interface Job<Variant> {
  round: number;
  variant: Variant;
}

/** A B C, A B C, …: whatever changes on the machine meanwhile meets all of them. */
export function interleave<Variant>(variants: readonly Variant[], rounds: number): Job<Variant>[] {
  return Array.from({ length: rounds }, (_, round) => variants.map((variant) => ({ round, variant }))).flat();
}

/** How long a round of a row takes, about, in milliseconds. */
export function roundMs({ workload, variants }: Row): number {
  return variants.length * (workload.busyMs + (workload.quietMs > 0 ? APART_MS : CLIENT_MS));
}

/** How long a row takes, about, in milliseconds. */
export function rowMs(row: Row, rounds: number): number {
  const { workload, variants } = row;
  const warmUp = workload.warmUp === null ? 0 : workload.warmUp ? 300 : workload.busyMs + CLIENT_MS;
  return variants.length * (SERVER_MS + warmUp) + workload.quietMs + rounds * roundMs(row);
}

/**
 * How many rounds of the first of `rows` there is time for, when all of them shall have their part.
 * @param leftMs what is left of the time; Infinity when nobody set a limit
 */
export function roundsInTime(rows: readonly Row[], wanted: number, leftMs: number): number {
  const [row] = rows;
  if (row === undefined) return wanted;
  const neededMs = rows.reduce((sum, each) => sum + rowMs(each, wanted), 0);
  if (neededMs <= leftMs) return wanted;
  const shareMs = (rowMs(row, wanted) / neededMs) * leftMs;
  const fitting = Math.floor((shareMs - rowMs(row, 0)) / roundMs(row));
  return Math.max(Math.min(LEAST_ROUNDS, wanted), Math.min(wanted, fitting));
}
