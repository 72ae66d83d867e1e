/** The processes behind entries, found when one of them is asked for: finding them takes longer than listing. */
import type { Entry, OwnerDetail } from './entry.ts';
import { SpliceError } from './errors.ts';

export class LateOwners {
  readonly #find: () => ReadonlyMap<string, OwnerDetail>;
  #found: ReadonlyMap<string, OwnerDetail> | undefined;

  /** @param find gives the owners by socket cookie; it is called once at the most */
  constructor(find: () => ReadonlyMap<string, OwnerDetail>) {
    this.#find = find;
  }

  of(cookie: string): OwnerDetail | null {
    this.#found ??= this.#find();
    return this.#found.get(cookie) ?? null;
  }
}

/**
 * Has the processes behind entries found when the first of them is asked for; none when the splice is gone by then.
 * @param find gives the owners by socket cookie
 */
export function findLate(entries: readonly Entry[], find: () => ReadonlyMap<string, OwnerDetail>): void {
  const late = new LateOwners(() => {
    try {
      return find();
    } catch (error) {
      if (error instanceof SpliceError) return new Map();
      throw error;
    }
  });
  for (const entry of entries) entry.process = late;
}
