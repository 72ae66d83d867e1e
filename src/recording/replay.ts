/** A recording as the live view sees it: in place of a splice. Needs no privileges, and no kernel of ours. */

import {
  type EntryJson,
  type EventReader,
  type KeyInput,
  type OwnerDetail,
  type Route,
  SockKey,
  SpliceError,
  type Status,
  type Steps,
  type Turnaround,
} from '../core/index.ts';
import { NONE_KEPT_OUT } from '../core/layout.ts';
import type { EntryFacts, LoadedFacts, ProcessFacts } from './format.ts';
import { keyFields } from './keys.ts';
import { Playback } from './playback.ts';
import { RecordingReader } from './reader.ts';
import { agedFacts, type Scene } from './scene.ts';

/** An entry as it was recorded. */
type ReplayedEntry = EntryJson & Pick<EntryFacts, 'verdict' | 'verdictMs'>;

interface ReplayedLook {
  readonly atMs: number;
  readonly status: Status;
  readonly entries: readonly ReplayedEntry[];
}

export class Replay implements Disposable {
  readonly pin: string;
  readonly playback: Playback;
  readonly #reader: RecordingReader;
  #look: { readonly frame: number; readonly look: ReplayedLook } | null = null;

  /**
   * Opens a recording; it stands at its beginning.
   * @param now a clock in milliseconds
   * @throws SpliceError FILE_NOT_READ, BAD_RECORDING
   */
  constructor(path: string, now?: () => number) {
    this.#reader = new RecordingReader(path);
    this.pin = this.#reader.header.pin;
    this.playback = new Playback(this.#reader.durationMs, now);
  }

  /** The file that it is of. */
  get path(): string {
    return this.#reader.path;
  }

  /** What the user should know of it, such as that its end is missing. */
  get note(): string | null {
    return this.#reader.note;
  }

  /** For the live view: it shows where the replay stands, and moves it. */
  get replay(): this {
    return this;
  }

  /** What was seen at the position of the playback; times are those of the recording. */
  snapshot(): ReplayedLook {
    const frame = this.#frame();
    if (this.#look?.frame === frame) return this.#look.look;
    const scene = this.#reader.sceneAt(frame);
    const entries = [...scene.entries].map(([cookie, entry]) => replayed(cookie, agedFacts(entry, scene.t)));
    const look = { atMs: scene.t, status: statusOf(scene), entries };
    this.#look = { frame, look };
    return look;
  }

  /** The same, as a live splice gives it. */
  look(): Steps<ReplayedLook> {
    return done(this.snapshot());
  }

  /** The entries in the form of the contract, with their processes. */
  entries(): EntryJson[] {
    const { owners } = this.#scene();
    return this.snapshot().entries.map(({ verdict: _, verdictMs: __, ...entry }) => {
      const owner = owners.get(entry.cookie);
      return { ...entry, process: owner ? { pid: owner.pid, comm: owner.comm } : null };
    });
  }

  owners(): ReadonlyMap<string, OwnerDetail> {
    return new Map(this.#scene().owners);
  }

  findOwners(): Steps<ReadonlyMap<string, OwnerDetail>> {
    return done(this.owners());
  }

  turnaround(): Turnaround {
    return this.#scene().total;
  }

  /** By cookie: of the entries under these keys, or of all. */
  turnarounds(keys?: Iterable<KeyInput>): ReadonlyMap<string, Turnaround> {
    const { turnarounds, entries } = this.#scene();
    if (keys === undefined) return new Map(turnarounds);
    const wanted = new Set([...keys].map((key) => SockKey.from(key).toString()));
    return new Map([...turnarounds].filter(([cookie]) => wanted.has(entries.get(cookie)?.facts.key ?? '')));
  }

  async findRoute(key: KeyInput): Promise<Route> {
    return this.#scene().routes.get(SockKey.from(key).toString()) ?? null;
  }

  /** The first read tells everything since the beginning; after a return in time, open another. */
  events(): EventReader {
    let told = -1;
    return {
      read: () => {
        const frame = this.#frame();
        const batch = this.#reader.eventsBetween(told, frame);
        told = Math.max(told, frame);
        return batch;
      },
      trace: () => {
        throw notChangeable();
      },
      close: () => {},
      [Symbol.dispose]: () => {},
    };
  }

  processDetail(pid: number): ProcessFacts | null {
    return this.#scene().processes.get(pid) ?? null;
  }

  mode(): 'guarded' | 'naive' | 'bypass' {
    const { status } = this.#scene();
    if (!status.loaded) return 'guarded';
    return status.bypass ? 'bypass' : status.mode;
  }

  setMode(): never {
    throw notChangeable();
  }

  adopt(): never {
    throw notChangeable();
  }

  async del(): Promise<never> {
    throw notChangeable();
  }

  /** The release of the kernel that was recorded. */
  get kernel(): string {
    return this.#reader.header.kernel;
  }

  /** Stands at the frame before (-1) or after (1) the one that is seen. */
  step(by: 1 | -1): void {
    this.playback.pause();
    this.playback.seek(this.#reader.timeOf(Math.max(0, Math.min(this.#reader.frames - 1, this.#frame() + by))));
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }

  #frame(): number {
    return this.#reader.frameAt(this.playback.positionMs);
  }

  #scene(): Scene {
    return this.#reader.sceneAt(this.#frame());
  }
}

function notChangeable(): SpliceError {
  return new SpliceError('RECORDED', 'a recording cannot be changed', 'the same on a live splice: splice-tui');
}

/** A result that takes no steps. */
// biome-ignore lint/correctness/useYield: there is nothing to wait for
function* done<Result>(result: Result): Steps<Result> {
  return result;
}

function replayed(cookie: string, facts: EntryFacts): ReplayedEntry {
  const { key, sip, dip, sport, dport, keyHex } = keyFields(facts.key);
  const { state, peer, redirects, redirectBytes, passes, queuedBytes, ageMs, verdict, verdictMs } = facts;
  return {
    ...{ key, sip, dip, sport, dport, keyHex, cookie, state, peer, redirects, redirectBytes, passes, queuedBytes },
    ...{ ageMs, verdict, verdictMs, process: null },
  };
}

function statusOf({ status, totals, entries }: Scene): Status {
  if (!status.loaded) return status;
  const { map, cgroups, keptOut = NONE_KEPT_OUT, ...rest }: LoadedFacts = status;
  return { ...rest, cgroups: [...cgroups], map: { ...map, entries: entries.size }, totals, keptOut };
}
