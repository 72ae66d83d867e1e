/** Where the live view gets everything from: the splice itself, or a recording of one. */
import type { EntryJson, Owner, Snapshot, Splice } from '../core/index.ts';

/** What core showed at one moment. */
export type Look = Omit<Snapshot, 'entries'> & { readonly entries: readonly EntryJson[] };

/** A Splice has it. */
export interface Source extends Pick<Splice, 'pin' | 'mode' | 'setMode'> {
  snapshot(): Look;
  /** By cookie. */
  owners(): ReadonlyMap<string, Owner>;
}
