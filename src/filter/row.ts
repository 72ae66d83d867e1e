/** What a filter looks at. */
import type { EntryJson, PassReason } from '../core/index.ts';

/**
 * An entry, and what those add who know more of it than one look at the maps tells. Where an added
 * field is not known it is null or missing, and no comparison with it holds.
 */
export interface FilterRow extends EntryJson {
  /** The cgroup of its process. */
  readonly cgroup?: string | null;
  /** Redirects a second. */
  readonly rate?: number | null;
  /** What became of its last message. */
  readonly verdict?: 'redirect' | PassReason | null;
  /** How long its queue has had bytes of which nobody read any, in milliseconds. */
  readonly unreadMs?: number | null;
  /** Turnaround, in microseconds. */
  readonly p50?: number | null;
  readonly p99?: number | null;
}

/** Whether a row fits. */
export type Test = (row: FilterRow) => boolean;
