/** What the detail view shows: one connection, seen from one of its ends. */
import type { ProcessDetail, Route, SpliceEvent } from '../../core/index.ts';
import type { WatchedEnd } from '../watch.ts';

export interface Connection {
  readonly key: string;
  /** Null when the entry is gone, or was not looked at yet. */
  readonly own: WatchedEnd | null;
  /** Null when there is no entry under the reverse key. */
  readonly peer: WatchedEnd | null;
  readonly isGone: boolean;
  readonly ownProcess: ProcessDetail | null;
  readonly peerProcess: ProcessDetail | null;
  /** What lies between the two ends, as far as it is known. */
  readonly route: Route;
  /** Of both ends, the last at the end. */
  readonly events: readonly SpliceEvent[];
  readonly isBypassed: boolean;
}
