/** What is known of a splice at one moment. */
import type { Entry } from './entry.ts';
import type { Counters, KeptOut, Mode } from './layout.ts';
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
      /** Ends of connections that got no entry since the splice is up, by reason. */
      keptOut: KeptOut;
    };

/** What a splice is in the middle of, or was when a command was cut short. */
export interface Condition {
  /** Whether another command is at work on it. */
  busy: boolean;
  /**
   * Whether it is half up or half down: everything goes by TCP. When nobody is at work on it, a command
   * was cut short, or a `down` found queues that nobody read; the next `down` finishes.
   */
  halfDone: boolean;
  /**
   * How many entries a `del` keeps messages from. When nobody is at work it was cut short; the next
   * edit, or `setMode` to what is loaded, lets them be redirected to again.
   */
  draining: number;
  /** How many of its cgroups were removed: what may have been made in their places is not spliced. */
  removedCgroups: number;
}

/** Status and entries of one pass. */
export interface Snapshot {
  /** When it was taken, on the clock of performance.now(). */
  atMs: number;
  status: Status;
  entries: Entry[];
}
