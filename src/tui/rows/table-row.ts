/** One line of the live table. */
import { quantile, type Turnaround } from '../../core/index.ts';
import type { Row } from '../../view/columns.ts';
import type { Identity } from './selection.ts';

/** What happened to an entry a moment ago; `changed`: it sent something since the last look. */
export type Mark = 'new' | 'changed' | 'gone' | null;

export interface TableRow extends Row {
  /** Of the entry, or of the first of two that are folded into one row. */
  readonly identity: Identity;
  readonly mark: Mark;
  /** What its socket sends at the moment. */
  readonly traffic: 'spliced' | 'byTcp' | null;
}

/** The turnaround of what the socket does now: of redirected messages where there are any. */
export function turnaroundOf(turnaround: Turnaround | undefined): { p50: number | null; p99: number | null } {
  if (turnaround === undefined) return { p50: null, p99: null };
  const { redirected, byTcp } = turnaround;
  const histogram = quantile(redirected, 0.5) === null ? byTcp : redirected;
  return { p50: quantile(histogram, 0.5), p99: quantile(histogram, 0.99) };
}
