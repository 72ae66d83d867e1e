/** What the detail view shows: one connection, seen from one of its ends. */
import type { Counters, EntryJson, Owner, SpliceEvent, Turnaround, Verdict } from '../../core/index.ts';
import type { Route } from '../../core/route.ts';

/** One end of it, as of the last look. */
export interface WatchedEnd {
  readonly entry: EntryJson & { readonly verdict?: Verdict | null; readonly verdictMs?: number | null };
  readonly owner: Owner | null;
  readonly turnaround: Turnaround | null;
  /** What it sent in the last second; null until that is known. */
  readonly lastSecond: Counters | null;
}

/** What /proc says of an end's process; null when it is not known. */
export interface ProcessText {
  readonly cmdline: string;
  readonly cgroup: string;
}

export interface Connection {
  readonly key: string;
  /** Null when the entry is gone, or was not looked at yet. */
  readonly own: WatchedEnd | null;
  /** Null when there is no entry under the reverse key. */
  readonly peer: WatchedEnd | null;
  readonly isGone: boolean;
  readonly ownProcess: ProcessText | null;
  readonly peerProcess: ProcessText | null;
  /** What lies between the two ends, as far as it is known. */
  readonly route: Route;
  /** Of both ends, the last at the end. */
  readonly events: readonly SpliceEvent[];
  readonly isBypassed: boolean;
}
