/** What is known of a splice at one moment. */
import type { Entry } from './entry.ts';
import type { Counters, Mode } from './layout.ts';
import type { MapInfo } from './pinned.ts';

/** The contract's `splice status --json`. */
export type Status =
  | { loaded: false }
  | {
      loaded: true;
      mode: Mode;
      bypass: boolean;
      pin: string;
      cgroups: string[];
      map: MapInfo & { entries: number };
      totals: Counters;
    };

/** Status and entries of one pass. */
export interface Snapshot {
  /** When it was taken, on the clock of performance.now(). */
  atMs: number;
  status: Status;
  entries: Entry[];
}
