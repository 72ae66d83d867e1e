/** The object behind every program of ours: one splice, known by its pin directory. */
import { Access } from './access.ts';
import { type AdoptionReport, adoptConnections } from './adoption.ts';
import { neighbourWarnings } from './attach.ts';
import { type DownOptions, type DownReport, down } from './down.ts';
import { type DeleteOptions, type DeleteReport, deleteEntry, noEntry, putEntry, type SocketOwner } from './edits.ts';
import type { Entry, OwnerDetail } from './entry.ts';
import { clearDeadPlaces } from './event-place.ts';
import { LiveEventReader } from './event-reader.ts';
import type { EventReader } from './events.ts';
import { findSockets, type OpenSocket } from './find-sockets.ts';
import { findLate } from './late-owners.ts';
import type { Mode } from './layout.ts';
import { look } from './look.ts';
import { checkOptions } from './options.ts';
import { defaultPin } from './pin-directory.ts';
import { isLocked, lockPins } from './pin-lock.ts';
import { PinnedMaps } from './pinned.ts';
import { checkPolicy, type Policy } from './policy.ts';
import { policyMapsOf, readPolicy, replacePolicy } from './policy-maps.ts';
import { requirePrivileges } from './privileges.ts';
import type { ProcessDetail } from './process.ts';
import { badMode, halfDone, notForNaive } from './refusals.ts';
import { findRoute, type Route } from './route.ts';
import { type KeyInput, SockKey } from './sock-key.ts';
import type { Condition, Snapshot, Status } from './status.ts';
import { finish, type Steps } from './steps.ts';
import type { Turnaround } from './turnaround.ts';
import { readTotalTurnaround, readTurnarounds } from './turnaround-maps.ts';
import { type UpOptions, type UpReport, up } from './up.ts';

/**
 * One splice. Nothing is held between calls but the iterators, so it follows when another process
 * takes the splice down and brings it up again. Every method may throw the SpliceErrors NO_LIBBPF,
 * NOT_PERMITTED and PIN_OCCUPIED besides those it names.
 */
export class Splice implements Disposable {
  /** The pin directory. */
  readonly pin: string;
  readonly #access: Access;

  constructor(pin: string) {
    this.pin = pin;
    this.#access = new Access(pin);
  }

  /** Loads, attaches and pins; `already` when just this splice was up. See up(). */
  up(options: UpOptions = {}): UpReport & { status: Status } {
    return { ...up(this.pin, options), status: this.status() };
  }

  /** Drains, removes and unpins. See down(). */
  down(options: DownOptions = {}): Promise<DownReport> {
    this.close();
    return down(this.pin, options);
  }

  /** What is loaded, where it is attached, and what it did. Clears up after readers that were killed. */
  status(): Status {
    const { status } = finish(look(this.#access, { also: clearDeadPlaces }));
    return status;
  }

  /**
   * A reader of what happens to the entries from now on; the caller closes it.
   * @throws SpliceError NOT_LOADED, HALF_DONE, TOO_MANY_READERS
   */
  events(): EventReader {
    requirePrivileges('use');
    return new LiveEventReader(this.pin);
  }

  /**
   * Every entry, with the processes behind them unless `owners` is false: these are found when one of
   * them is asked for, which takes longer than listing; what has ended by then has none.
   * @throws SpliceError NOT_LOADED
   */
  entries(options: { owners?: boolean } = {}): Entry[] {
    const { owners = true } = checkOptions('entries', options, { owners: 'boolean' });
    using pinned = this.#access.open();
    const entries = finish(this.#access.listing(pinned, false));
    if (owners) findLate(entries, () => this.owners());
    return entries;
  }

  /** Status and entries of one pass; not an error when nothing is loaded. */
  snapshot(options: { owners?: boolean } = {}): Snapshot {
    const { owners = false } = checkOptions('snapshot', options, { owners: 'boolean' });
    return finish(look(this.#access, { owners }));
  }

  /** The same in steps, each less than a millisecond: for a program that has something else to do meanwhile. */
  look(): Steps<Snapshot> {
    return look(this.#access);
  }

  /**
   * What it is in the middle of, or was when a command was killed.
   * @throws SpliceError NOT_LOADED
   */
  condition(): Condition {
    using pinned = new PinnedMaps(this.pin);
    const { whole } = pinned;
    const draining = whole ? this.#access.inspect(pinned).countDrains() : 0;
    return {
      busy: isLocked(this.pin),
      halfDone: !whole || pinned.settings().traffic === 'drain',
      draining,
      removedCgroups: this.#access.removedCgroups(pinned),
    };
  }

  /**
   * What other tools' programs at the same sockets do to this splice, a sentence each: other splices, and
   * sockmaps that take connections first. Without the right to ask, none.
   * @throws SpliceError NOT_LOADED
   */
  neighbours(): string[] {
    using pinned = this.#access.open();
    return neighbourWarnings(this.#access.livingCgroups(pinned), this.pin);
  }

  /** Which process has the socket of an entry open, by socket cookie. Looks at every open file. */
  owners(): Map<string, OwnerDetail> {
    return finish(this.findOwners());
  }

  /** The same in steps. */
  *findOwners(): Steps<Map<string, OwnerDetail>> {
    using pinned = this.#access.open();
    return yield* this.#access.owners(pinned);
  }

  /** What lies between the IP layers of two ends, by the processes that have their sockets open. See findRoute(). */
  findRoute(key: KeyInput, own: number | null, peer: number | null): Promise<Route> {
    return findRoute(SockKey.from(key), own, peer);
  }

  /** The command line and the cgroup of a process; null when it is gone, or lets nobody look. */
  processDetail(pid: number): ProcessDetail | null {
    checkOptions('processDetail', { pid }, { pid: 'descriptor' }, ['pid']);
    return this.#access.process(pid);
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
   * bypass too; that of a naive splice, which status() tells, stays empty.
   * @throws SpliceError NOT_LOADED
   */
  turnaround(): Turnaround {
    using pinned = this.#access.open();
    return readTotalTurnaround(pinned);
  }

  /**
   * The turnaround of each socket, by socket cookie: how long its peer took to send after it sent.
   * @param keys of which entries; of all unless named. Keys without an entry are left out
   * @throws SpliceError NOT_LOADED, BAD_KEY
   */
  turnarounds(keys?: Iterable<KeyInput>): Map<string, Turnaround> {
    const wanted = keys && Array.from(keys, (key) => SockKey.from(key));
    using pinned = this.#access.open();
    return readTurnarounds(pinned, wanted);
  }

  /** `bypass` when the switch is off, else the mode that was loaded. */
  mode(): Mode | 'bypass' {
    using pinned = this.#access.open();
    const { mode, traffic } = pinned.settings();
    return traffic === 'redirect' ? mode : 'bypass';
  }

  /**
   * Flips the live switch: `bypass`, or the mode that was loaded.
   * @throws SpliceError NOT_LOADED, BAD_MODE, HALF_DONE; BUSY, but not for `bypass`
   */
  setMode(name: string): Mode | 'bypass' {
    using pinned = this.#access.open();
    const { mode, traffic } = pinned.settings();
    if (name !== 'bypass' && name !== mode) throw badMode(name, mode);
    if (traffic === 'drain') throw halfDone(this.pin);
    // The way to safety waits for nobody; back to redirecting only while no command is at work.
    if (name === 'bypass') {
      pinned.setTraffic('bypass');
      return name;
    }
    requirePrivileges('use');
    using _lock = this.#access.lock(pinned);
    pinned.setTraffic('redirect');
    return name;
  }

  /**
   * Which connections stay out of the map.
   * @throws SpliceError NOT_LOADED; BAD_MODE when the mode is naive, which has no policy
   */
  policy(): Policy {
    using pinned = this.#access.open();
    return readPolicy(policyMapsOf(pinned));
  }

  /**
   * Replaces the policy, for connections established from then on; those that have an entry keep it.
   * @returns the policy as it was checked
   * @throws SpliceError BAD_OPTION, NOT_LOADED, BAD_MODE, BUSY
   */
  setPolicy(wanted: Partial<Policy>): Policy {
    const policy = checkPolicy(wanted);
    if (policy.excludeComms.length > 0) requirePrivileges('use');
    using pinned = this.#access.open();
    using _lock = lockPins(this.pin);
    if (pinned.settings().traffic === 'drain') throw halfDone(this.pin);
    replacePolicy(policyMapsOf(pinned), policy);
    return policy;
  }

  /** Takes an entry out, by default without losing a byte. See deleteEntry(). */
  async del(key: KeyInput, options: DeleteOptions = {}): Promise<DeleteReport> {
    const wanted = SockKey.from(key);
    checkOptions('del', options, { force: 'boolean', timeoutMs: 'milliseconds', signal: 'signal' });
    requirePrivileges('use');
    using pinned = this.#access.open();
    using _lock = this.#access.lock(pinned);
    return await deleteEntry(pinned, wanted, options);
  }

  /**
   * Who has the connected socket with the addresses and ports of a key open, while it has no entry: pid
   * and descriptor, as put() wants them. Looks at every open file.
   * @throws SpliceError BAD_KEY, NOT_LOADED
   */
  findSockets(key: KeyInput): OpenSocket[] {
    const wanted = SockKey.from(key);
    requirePrivileges('use');
    using pinned = this.#access.open();
    return findSockets(pinned, wanted);
  }

  /** Puts an existing connection's socket into the map. See putEntry(). */
  async put(key: KeyInput, socket: SocketOwner): Promise<Entry> {
    const wanted = SockKey.from(key);
    checkOptions('put', socket, { pid: 'descriptor', fd: 'descriptor' }, ['pid', 'fd']);
    requirePrivileges('use');
    using pinned = this.#access.open();
    using _lock = this.#access.lock(pinned);
    putEntry(pinned, wanted, socket);
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
    requirePrivileges('use');
    using pinned = this.#access.open();
    using _lock = this.#access.lock(pinned);
    const { mode, traffic } = pinned.settings();
    if (traffic === 'drain') throw halfDone(this.pin);
    if (mode === 'naive') throw notForNaive();
    return adoptConnections(pinned);
  }

  /** Lets go of the iterators; the splice goes on. */
  close(): void {
    this.#access.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The splice at a pin directory, whether or not one is loaded there. Needs no privileges. */
export function openSplice(options: { pin?: string } = {}): Splice {
  const { pin = defaultPin() } = checkOptions('openSplice', options, { pin: 'path' });
  return new Splice(pin);
}
