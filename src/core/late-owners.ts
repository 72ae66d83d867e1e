/** The processes behind entries, found when one of them is asked for: finding them takes longer than listing. */
import type { OwnerDetail } from './entry.ts';

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
