/** The object behind every program of ours: one splice, known by its pin directory. */
import { type AdoptionReport, adoptConnections } from './adoption.ts';
import { type Cgroup, findCgroupById, isCgroup } from './cgroup.ts';
import { type DownOptions, type DownReport, down } from './down.ts';
import { type DeleteOptions, type DeleteReport, deleteEntry, noEntry, putEntry } from './edits.ts';
import type { Entry, Owner } from './entry.ts';
import { SpliceError } from './errors.ts';
import { Inspector } from './inspector.ts';
import type { Mode } from './layout.ts';
import { defaultPin, linkedCgroupIds, lockPins } from './pin-directory.ts';
import { PinnedMaps } from './pinned.ts';
import { checkPolicy, type Policy } from './policy.ts';
import { policyMapsOf, readPolicy, replacePolicy } from './policy-maps.ts';
import { asText, printable } from './printable.ts';
import { requirePrivileges } from './privileges.ts';
import { badMode, halfDone, notForNaive } from './refusals.ts';
import { type KeyInput, SockKey } from './sock-key.ts';
import type { Snapshot, Status } from './status.ts';
import type { Turnaround } from './turnaround.ts';
import { readTotalTurnaround, readTurnarounds } from './turnaround-maps.ts';
import { type UpOptions, up } from './up.ts';

/**
 * One splice. Nothing is held between calls but the iterators, so it follows when another process
 * takes the splice down and brings it up again. Every method may throw the SpliceErrors NO_LIBBPF,
 * NOT_PERMITTED and PIN_OCCUPIED besides those it names.
 */
export class Splice implements Disposable {
  /** The pin directory. */
  readonly pin: string;
  #inspector: Inspector | undefined;
  #cgroups: Cgroup[] = [];

  constructor(pin: string) {
    this.pin = pin;
  }

  /** Loads, attaches and pins; `already` when just this splice was up. See up(). */
  up(options: UpOptions = {}): { already: boolean; status: Status } {
    const already = !up(this.pin, options);
    return { already, status: this.status() };
  }

  /** Drains, removes and unpins. See down(). */
  down(options: DownOptions = {}): Promise<DownReport> {
    this.close();
    return down(this.pin, options);
  }

  /** What is loaded, where it is attached, and what it did. */
  status(): Status {
    return this.snapshot().status;
  }

  /**
   * Every entry, with the processes behind them unless `owners` is false.
   * @throws SpliceError NOT_LOADED
   */
  entries({ owners = true }: { owners?: boolean } = {}): Entry[] {
    using pinned = this.#open();
    return this.#list(pinned, owners);
  }

  /** Status and entries of one pass; not an error when nothing is loaded. */
  snapshot({ owners = false }: { owners?: boolean } = {}): Snapshot {
    const atMs = performance.now();
    try {
      using pinned = this.#open();
      const entries = this.#list(pinned, owners);
      const { mode, traffic } = pinned.settings();
      const map = { ...pinned.mapInfo(), entries: entries.length };
      const cgroups = linkedCgroupIds(pinned.names).map((id) => this.#cgroupPath(id));
      const { pin } = this;
      const bypass = traffic !== 'redirect';
      return { atMs, entries, status: { loaded: true, mode, bypass, pin, cgroups, map, totals: pinned.totals() } };
    } catch (error) {
      if (!(error instanceof SpliceError) || error.code !== 'NOT_LOADED') throw error;
      return { atMs, entries: [], status: { loaded: false } };
    }
  }

  /**
   * Whether an `up` or a `down` was cut short, or a `down` found queues that nobody read: everything
   * goes by TCP until a `down` finishes it.
   * @throws SpliceError NOT_LOADED
   */
  isHalfDone(): boolean {
    using pinned = new PinnedMaps(this.pin);
    return !pinned.whole || pinned.settings().traffic === 'drain';
  }

  /** Which process has the socket of an entry open, by socket cookie. Looks at every open file. */
  owners(): Map<string, Owner> {
    using pinned = this.#open();
    return this.#inspect(pinned).owners();
  }

  /** The entry under a key, or null. */
  lookup(key: KeyInput): Entry | null {
    const wanted = SockKey.from(key).toString();
    return this.entries().find((entry) => entry.key === wanted) ?? null;
  }

  /** The entry under the reverse key, or null. */
  peer(key: KeyInput): Entry | null {
    return this.lookup(SockKey.from(key).reverse());
  }

  /**
   * The turnaround of all sockets, those that are gone included. It is taken by `guarded`, under
   * bypass too; that of a naive splice stays empty.
   * @throws SpliceError NOT_LOADED
   */
  turnaround(): Turnaround {
    using pinned = this.#open();
    return readTotalTurnaround(pinned);
  }

  /**
   * The turnaround of each socket, by socket cookie: how long its peer took to send after it sent.
   * @param keys of which entries; of all unless named. Keys without an entry are left out
   * @throws SpliceError NOT_LOADED, BAD_KEY
   */
  turnarounds(keys?: Iterable<KeyInput>): Map<string, Turnaround> {
    const wanted = keys && Array.from(keys, (key) => SockKey.from(key));
    using pinned = this.#open();
    return readTurnarounds(pinned, wanted);
  }

  /** `bypass` when the switch is off, else the mode that was loaded. */
  mode(): Mode | 'bypass' {
    using pinned = this.#open();
    const { mode, traffic } = pinned.settings();
    return traffic === 'redirect' ? mode : 'bypass';
  }

  /**
   * Flips the live switch: `bypass`, or the mode that was loaded.
   * @throws SpliceError NOT_LOADED, BAD_MODE, HALF_DONE; BUSY, but not for `bypass`
   */
  setMode(name: string): Mode | 'bypass' {
    requirePrivileges();
    using pinned = this.#open();
    const { mode, traffic } = pinned.settings();
    if (name !== 'bypass' && name !== mode) throw badMode(name, mode);
    if (traffic === 'drain') throw halfDone(this.pin);
    // The way to safety waits for nobody; back to redirecting only while no command is at work.
    if (name === 'bypass') {
      pinned.setTraffic('bypass');
      return name;
    }
    using _lock = lockPins(this.pin);
    this.#inspect(pinned).endDrains();
    pinned.setTraffic('redirect');
    return name;
  }

  /**
   * Which connections stay out of the map.
   * @throws SpliceError NOT_LOADED; BAD_MODE when the mode is naive, which has no policy
   */
  policy(): Policy {
    using pinned = this.#open();
    return readPolicy(policyMapsOf(pinned));
  }

  /**
   * Replaces the policy, for connections established from then on; those that have an entry keep it.
   * @returns the policy as it was checked
   * @throws SpliceError BAD_OPTION, NOT_LOADED, BAD_MODE, BUSY
   */
  setPolicy(wanted: Partial<Policy>): Policy {
    const policy = checkPolicy(wanted);
    requirePrivileges();
    using pinned = this.#open();
    using _lock = lockPins(this.pin);
    if (pinned.settings().traffic === 'drain') throw halfDone(this.pin);
    replacePolicy(policyMapsOf(pinned), policy);
    return policy;
  }

  /** Takes an entry out, by default without losing a byte. See deleteEntry(). */
  async del(key: KeyInput, options: DeleteOptions = {}): Promise<DeleteReport> {
    const wanted = SockKey.from(key);
    requirePrivileges();
    using pinned = this.#open();
    using _lock = lockPins(this.pin);
    return await deleteEntry(pinned, this.#inspect(pinned), wanted, options);
  }

  /** Puts an existing connection's socket into the map. See putEntry(). */
  async put(key: KeyInput, { pid, fd }: { pid: number; fd: number }): Promise<Entry> {
    const wanted = SockKey.from(key);
    for (const [name, value] of Object.entries({ pid, fd })) {
      if (!Number.isInteger(value) || value < 0 || value > 0x7fff_ffff) {
        throw new SpliceError(
          'BAD_OPTION',
          `${name} is not a whole number: ${printable(asText(value))}`,
          '{pid: 812, fd: 7}',
        );
      }
    }
    requirePrivileges();
    using pinned = this.#open();
    using _lock = lockPins(this.pin);
    putEntry(pinned, wanted, pid, fd);
    const entry = this.lookup(wanted);
    if (entry === null) throw noEntry(wanted);
    return entry;
  }

  /**
   * Takes in the connections that were there before the splice and have both ends in its cgroups.
   * They are redirected as soon as the handover rule allows it.
   * @throws SpliceError NOT_LOADED, BUSY, NOT_LOSSLESS when the splice is naive
   */
  adopt(): AdoptionReport {
    requirePrivileges();
    using pinned = this.#open();
    using _lock = lockPins(this.pin);
    const { mode, traffic } = pinned.settings();
    if (traffic === 'drain') throw halfDone(this.pin);
    if (mode === 'naive') throw notForNaive();
    return adoptConnections(pinned);
  }

  /** Lets go of the iterators; the splice goes on. */
  close(): void {
    this.#inspector?.[Symbol.dispose]();
    this.#inspector = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Opens the pins; a splice that is gone is not kept alive by its iterators. */
  #open(): PinnedMaps {
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

  #list(pinned: PinnedMaps, owners: boolean): Entry[] {
    const inspector = this.#inspect(pinned);
    const entries = inspector.list();
    if (owners && entries.length > 0) {
      const byCookie = inspector.owners();
      for (const entry of entries) entry.process = byCookie.get(entry.cookie) ?? null;
    }
    return entries;
  }

  #inspect(pinned: PinnedMaps): Inspector {
    if (this.#inspector && this.#inspector.mapId !== pinned.mapInfo().id) this.close();
    this.#inspector ??= new Inspector(pinned);
    return this.#inspector;
  }

  #cgroupPath(id: bigint): string {
    let known = this.#cgroups.find((cgroup) => cgroup.id === id);
    if (!known || !isCgroup(known.path, id)) {
      const path = findCgroupById(id);
      if (path === null) return `(removed cgroup ${id})`;
      known = { path, id };
      this.#cgroups.push(known);
    }
    return known.path;
  }
}

/** The splice at a pin directory, whether or not one is loaded there. Needs no privileges. */
export function openSplice({ pin = defaultPin() }: { pin?: string } = {}): Splice {
  return new Splice(pin);
}
