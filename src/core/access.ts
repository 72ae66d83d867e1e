/** How a splice object gets at the splice: its pins, its lock, and iterators that outlive a call. */
import { CgroupPaths } from './cgroup.ts';
import type { Entry } from './entry.ts';
import { Inspector } from './inspector.ts';
import { linkedCgroupIds } from './pin-directory.ts';
import { lockPins } from './pin-lock.ts';
import { PinnedMaps } from './pinned.ts';
import { halfDone } from './refusals.ts';

export class Access {
  readonly #pin: string;
  readonly #cgroups = new CgroupPaths();
  #inspector: Inspector | undefined;

  constructor(pin: string) {
    this.#pin = pin;
  }

  /**
   * Opens the pins; a splice that is gone is not kept alive by its iterators.
   * @throws SpliceError NOT_LOADED, HALF_DONE, PIN_OCCUPIED, NOT_PERMITTED
   */
  open(): PinnedMaps {
    try {
      const pinned = new PinnedMaps(this.#pin);
      if (pinned.whole) return pinned;
      pinned[Symbol.dispose]();
      throw halfDone(this.#pin);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Takes the lock for an edit; draining that nobody is at work on any more ends.
   * @throws SpliceError BUSY
   */
  lock(pinned: PinnedMaps): Disposable {
    const lock = lockPins(this.#pin);
    try {
      this.inspect(pinned).endDrains();
      return lock;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** Every entry, with the processes behind them when they are asked for. */
  list(pinned: PinnedMaps, owners: boolean): Entry[] {
    const inspector = this.inspect(pinned);
    const entries = inspector.list();
    if (owners && entries.length > 0) {
      const byCookie = inspector.owners();
      for (const entry of entries) entry.process = byCookie.get(entry.cookie) ?? null;
    }
    return entries;
  }

  /** The iterators over just this splice; only for the length of a call that nothing interrupts. */
  inspect(pinned: PinnedMaps): Inspector {
    if (this.#inspector && this.#inspector.mapId !== pinned.mapInfo().id) this.close();
    this.#inspector ??= new Inspector(pinned);
    return this.#inspector;
  }

  /** The directories of the cgroups it is attached to. */
  cgroups(pinned: PinnedMaps): string[] {
    return linkedCgroupIds(pinned.names).map((id) => this.#cgroups.pathOf(id));
  }

  /** Lets go of the iterators. */
  close(): void {
    this.#inspector?.[Symbol.dispose]();
    this.#inspector = undefined;
  }
}
