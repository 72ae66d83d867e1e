/** Where the live view gets everything from: the splice itself, or a recording of one. */
import type { EntryJson, OwnerDetail, Snapshot, Splice, Steps, Turnaround } from '../core/index.ts';

/** What core showed at one moment. */
export type Look = Omit<Snapshot, 'entries'> & { readonly entries: readonly EntryJson[] };

/** A Splice has it all. */
export interface Source
  extends Pick<Splice, 'pin' | 'mode' | 'setMode' | 'del' | 'adopt' | 'turnaround' | 'processDetail' | 'events'> {
  /** The release of its kernel, when it is not this one. */
  readonly kernel?: string;
  look(): Steps<Look>;
  /** By cookie. */
  findOwners(): Steps<ReadonlyMap<string, OwnerDetail>>;
  /** By cookie: of the entries under these keys, or of all. */
  turnarounds(keys?: Iterable<string>): ReadonlyMap<string, Turnaround>;
}
