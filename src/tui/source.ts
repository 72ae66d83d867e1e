/** Where the live view gets everything from: the splice itself, or a recording of one. */
import type { EntryJson, OwnerDetail, Snapshot, Splice, Steps, Turnaround } from '../core/index.ts';
import type { Playback } from '../recording/playback.ts';

/** What core showed at one moment. */
export type Look = Omit<Snapshot, 'entries'> & { readonly entries: readonly EntryJson[] };

type OfSplice = 'pin' | 'mode' | 'setMode' | 'del' | 'adopt' | 'turnaround' | 'processDetail' | 'findRoute' | 'events';

/** A Splice has it all. */
export interface Source extends Pick<Splice, OfSplice> {
  /** The release of its kernel, when it is not this one. */
  readonly kernel?: string;
  /** Set when it is a recording. */
  readonly replay?: ReplayControls;
  look(): Steps<Look>;
  /** By cookie. */
  findOwners(): Steps<ReadonlyMap<string, OwnerDetail>>;
  /** By cookie: of the entries under these keys, or of all. */
  turnarounds(keys?: Iterable<string>): ReadonlyMap<string, Turnaround>;
}

/** What a recording is told, and where it stands. */
export interface ReplayControls {
  readonly playback: Playback;
  readonly path: string;
  /** What the user should know of the recording. */
  readonly note: string | null;
  step(by: 1 | -1): void;
}
