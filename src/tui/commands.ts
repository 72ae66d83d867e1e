/** What the keys change: each asks core, and says what it came to. */
import { finish, type OwnerDetail, printable, SpliceError } from '../core/index.ts';
import type { Complaint } from './prompt.ts';
import type { Identity } from './rows/selection.ts';
import { saveEntries } from './save.ts';
import type { Store } from './store.ts';

export class Commands {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Turns the bypass on, or back to the mode that is loaded. */
  toggleBypass(): void {
    const { status } = this.#store.getState();
    if (status?.loaded) this.#do(() => this.#flip(this.#store.source.mode() === 'bypass' ? status.mode : 'bypass'));
  }

  setMode(name: string): void {
    this.#do(() => this.#flip(name));
  }

  /** Takes in the connections that were there before the splice. */
  adopt(): void {
    this.#do(() => {
      const { adopted, skipped } = this.#store.source.adopt();
      return `adopted ${adopted} connections${skipped.length > 0 ? `; ${skipped.length} could not be` : ''}`;
    });
  }

  /** Takes an entry out without losing a byte; goes on until its queue is read, or the view ends: then it stays. */
  async remove({ key }: Identity): Promise<void> {
    this.#store.tell({ kind: 'busy', text: `removing ${printable(key)}: waiting until its queue is read` });
    try {
      await this.#store.finishBeforeStop(async (signal) => {
        await this.#store.source.del(key, { signal });
      });
      this.#store.tell({ kind: 'done', text: `removed ${printable(key)}` });
    } catch (error) {
      this.#refused(error);
    }
    this.#store.refresh();
  }

  /** Writes the rows to a new file, in their order; what is wrong with the file is returned. */
  save(path: string): Complaint | null {
    const { rows } = this.#store.getState();
    try {
      const count = saveEntries(path, rows.entries(), this.#findOwners());
      this.#store.tell({ kind: 'done', text: `wrote ${count} entries to ${printable(path)}` });
      return null;
    } catch (error) {
      if (!(error instanceof SpliceError)) throw error;
      return { error, position: null };
    }
  }

  /** Those of this moment: what the rows know of is up to two seconds old; but better than nothing. */
  #findOwners(): ReadonlyMap<string, OwnerDetail> {
    try {
      return finish(this.#store.source.findOwners());
    } catch (error) {
      if (error instanceof SpliceError) return this.#store.getState().rows.known.owners;
      throw error;
    }
  }

  #flip(name: string): string | null {
    this.#store.source.setMode(name);
    return null;
  }

  #do(command: () => string | null): void {
    try {
      const text = command();
      this.#store.tell(text === null ? null : { kind: 'done', text });
    } catch (error) {
      this.#refused(error);
    }
    this.#store.refresh();
  }

  #refused(error: unknown): void {
    if (!(error instanceof SpliceError)) throw error;
    this.#store.tell({ kind: 'refused', error });
  }
}
