/**
 * A recording: JSON lines. The first says what the file is; each other line is a frame, what changed
 * since the frame before. Now and then a frame is a keyframe, which says everything anew, so that a
 * player need not begin at the beginning. A frame is a line: a recorder that is killed loses one.
 */

import type { Counters, EntryJson, KeptOut, OwnerDetail, PassReason, SpliceEvent, Status } from '../core/index.ts';
import type { Route } from '../core/route.ts';

export const FORMAT = 'splice-recording';
/** Goes up when a reader of the version before would take something wrongly; new fields do not raise it. */
export const VERSION = 1;

/** No more is written, and no more is read, whatever a file says. */
export const MOST = {
  frames: 1 << 20,
  lineBytes: 1 << 26,
  /** Lists, objects, and what is in them, of one line. */
  values: 1 << 24,
  depth: 16,
  entries: 1 << 18,
  processes: 1 << 16,
  eventsInFrame: 1 << 16,
  cgroups: 1024,
  buckets: 64,
  devices: 16,
  textLength: 4096,
} as const;

/** Seeking reads what was recorded since a keyframe: about as much as the keyframe itself, or this. */
export const KEYFRAME_AFTER_BYTES = 1 << 16;

export interface Header {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** When the recording began, as ISO 8601 in UTC. */
  readonly created: string;
  /** `uname -r` of the machine. */
  readonly kernel: string;
  /** The pin directory that was looked at. */
  readonly pin: string;
  /** Between two looks, in milliseconds. */
  readonly intervalMs: number;
}

/** What was loaded, without what changes all the time. */
export type LoadedFacts = Omit<Extract<Status, { loaded: true }>, 'totals' | 'map' | 'keptOut'> & {
  /** Missing in recordings from before it was counted. */
  readonly keptOut?: KeptOut;
  readonly map: { readonly id: number; readonly name: string; readonly maxEntries: number };
};
export type StatusFacts = { readonly loaded: false } | LoadedFacts;

/** What is recorded of one entry. What its key tells is not repeated; ages go on by themselves. */
export interface EntryFacts
  extends Pick<EntryJson, 'key' | 'state' | 'peer' | 'redirects' | 'redirectBytes' | 'queuedBytes' | 'ageMs'> {
  readonly passes: Readonly<Record<PassReason, number>>;
  readonly verdict: 'redirect' | PassReason | null;
  readonly verdictMs: number | null;
}

/** The fields of an entry that changed; all of them when it is new. */
export type EntryChange = Partial<Omit<EntryFacts, 'passes'>> & { readonly passes?: Partial<EntryFacts['passes']> };

/** The buckets of a histogram that changed: which, and how many it has. */
export type HistogramChange = readonly (readonly [bucket: number, count: number])[];

export interface TurnaroundChange {
  readonly redirected?: HistogramChange;
  readonly byTcp?: HistogramChange;
}

export interface ProcessFacts {
  readonly cmdline: string;
  readonly cgroup: string;
}

/** One line. In the file, lists that are empty are left out. */
export interface Frame {
  /** Milliseconds since the recording began; never less than in the frame before. */
  readonly t: number;
  /** Whether it says everything anew. */
  readonly key: boolean;
  readonly status?: StatusFacts;
  readonly totals?: Counters;
  readonly total?: TurnaroundChange;
  /** By cookie. */
  readonly entries: readonly (readonly [cookie: string, change: EntryChange])[];
  readonly gone: readonly string[];
  readonly owners: readonly (readonly [cookie: string, owner: OwnerDetail | null])[];
  readonly turnarounds: readonly (readonly [cookie: string, change: TurnaroundChange])[];
  readonly processes: readonly (readonly [pid: number, process: ProcessFacts | null])[];
  /** By the key of the end that sends. */
  readonly routes: readonly (readonly [key: string, route: Route])[];
  readonly events: readonly SpliceEvent[];
  /** Events that were lost before this frame, since the one before. */
  readonly lost: number;
}
