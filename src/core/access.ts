/** How a splice object gets at the splice: its pins, its lock, and iterators that outlive a call. */
import { type Cgroup, CgroupPaths } from './cgroup.ts';
import type { Entry, OwnerDetail } from './entry.ts';
import { SpliceError } from './errors.ts';
import { Inspector } from './inspector.ts';
import { KernelError } from './kernel-error.ts';
import { NoAnswer, Outpost } from './outpost.ts';
import { linkedCgroupIds } from './pin-directory.ts';
import { lockPins } from './pin-lock.ts';
import { PinnedMaps } from './pinned.ts';
import type { ProcessDetail } from './process.ts';
import { halfDone } from './refusals.ts';
import type { Steps } from './steps.ts';

/** How long the process that looks at others is kept for the next question. */
const IDLE_MS = 2000;

export class Access {
  /** The pin directory. */
  readonly pin: string;
  readonly #cgroups = new CgroupPaths();
  #outpost = new Outpost();
  #inspector: Inspector | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(pin: string) {
    this.pin = pin;
  }

  /**
   * Opens the pins; a splice that is gone is not kept alive by its iterators.
   * @throws SpliceError NOT_LOADED, HALF_DONE, PIN_OCCUPIED, NOT_PERMITTED
   */
  open(): PinnedMaps {
    try {
      const pinned = new PinnedMaps(this.pin);
      if (pinned.whole) return pinned;
      pinned[Symbol.dispose]();
      throw halfDone(this.pin);
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
    const lock = lockPins(this.pin);
    try {
      this.inspect(pinned).endDrains();
      return lock;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** Every entry, with the processes behind them when they are asked for. */
  *listing(pinned: PinnedMaps, owners: boolean): Steps<Entry[]> {
    const inspector = this.inspect(pinned);
    using _kept = inspector.keep();
    const entries = yield* inspector.listing();
    if (owners && entries.length > 0) {
      const byCookie = yield* inspector.owners();
      for (const entry of entries) entry.process = byCookie.get(entry.cookie) ?? null;
    }
    return entries;
  }

  /** Which process has the socket of an entry open, by socket cookie. */
  *owners(pinned: PinnedMaps): Steps<Map<string, OwnerDetail>> {
    const inspector = this.inspect(pinned);
    using _kept = inspector.keep();
    return yield* inspector.owners();
  }

  /** The iterators over just this splice; for longer than a call that nothing interrupts, keep() them. */
  inspect(pinned: PinnedMaps): Inspector {
    if (this.#inspector && this.#inspector.mapId !== pinned.mapInfo().id) this.close();
    this.#inspector ??= new Inspector(pinned);
    return this.#inspector;
  }

  /** The directories of the cgroups it is attached to. */
  cgroups(pinned: PinnedMaps): string[] {
    return linkedCgroupIds(pinned.names).map((id) => this.#cgroups.pathOf(id));
  }

  /** The command line and the cgroup of a process; null when it is gone, lets nobody look, or cannot be asked now. */
  process(pid: number): ProcessDetail | null {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#renewOutpost(), IDLE_MS).unref();
    try {
      return this.#outpost.look(pid);
    } catch (error) {
      const isBusy = error instanceof KernelError || (error instanceof SpliceError && error.code === 'PROCESS_FAILED');
      if (error instanceof NoAnswer || isBusy) return null;
      throw error;
    }
  }

  /** Whoever kept it waiting may be gone, and another process have the number. */
  #renewOutpost(): void {
    this.#outpost[Symbol.dispose]();
    this.#outpost = new Outpost();
  }

  /** Those of them that this process sees. */
  livingCgroups(pinned: PinnedMaps): Cgroup[] {
    const ids = linkedCgroupIds(pinned.names);
    return ids.flatMap((id) => {
      const path = this.#cgroups.find(id);
      return path === null ? [] : [{ path, id }];
    });
  }

  /** How many of them were removed. */
  removedCgroups(pinned: PinnedMaps): number {
    return linkedCgroupIds(pinned.names).filter((id) => this.#cgroups.isRemoved(id)).length;
  }

  /** Lets go of the iterators. */
  close(): void {
    this.#inspector?.[Symbol.dispose]();
    this.#inspector = undefined;
    this.#outpost[Symbol.dispose]();
  }
}
