/** Records what the live view sees. */
import { release } from 'node:os';
import type { OwnerDetail, Route, SpliceEvent, Status, Turnaround } from '../core/index.ts';
import { Flaw } from './checks.ts';
import { difference, keyframe, type SeenEntry } from './difference.ts';
import { KEYFRAME_AFTER_BYTES, MOST, type ProcessFacts } from './format.ts';
import { RouteSurvey } from './route-survey.ts';
import { Scene } from './scene.ts';
import { RecordingWriter } from './writer.ts';

/** One look of the live view, and what it asked besides. */
export interface RecordedLook {
  /** On any clock that does not go back, in milliseconds. */
  readonly atMs: number;
  readonly status: Status;
  readonly entries: readonly SeenEntry[];
  readonly owners?: ReadonlyMap<string, OwnerDetail>;
  readonly turnarounds?: ReadonlyMap<string, Turnaround>;
  readonly total?: Turnaround;
  readonly events?: readonly SpliceEvent[];
  readonly lost?: number;
}

export interface RecorderOptions {
  readonly intervalMs: number;
}

/** What a live splice is asked besides; see the same of Splice. */
export interface Asked {
  readonly pin: string;
  processDetail(pid: number): ProcessFacts | null;
  findRoute(key: string, own: number | null, peer: number | null): Promise<Route>;
}

/** At most this share of the time goes into recording: of large splices fewer looks are recorded. */
const SHARE = 0.1;
/** Processes asked about in one look. */
const MOST_PROCESSES = 100;

export class Recorder implements Disposable {
  readonly #writer: RecordingWriter;
  readonly #asked: Asked;
  readonly #routes: RouteSurvey;
  readonly #scene = new Scene();
  #beganMs: number | null = null;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #keyframeBytes = 0;
  #bytesSince = Number.POSITIVE_INFINITY;
  /** Told by looks that were not recorded. */
  #events: SpliceEvent[] = [];
  #lost = 0;

  /** Makes the file. @throws SpliceError FILE_NOT_WRITTEN */
  constructor(path: string, asked: Asked, { intervalMs }: RecorderOptions) {
    this.#writer = new RecordingWriter(path, {
      created: new Date().toISOString(),
      kernel: release(),
      pin: asked.pin,
      intervalMs,
    });
    this.#asked = asked;
    this.#routes = new RouteSurvey(asked);
  }

  /** How much was written where, and why no more is, if so. */
  get state(): Pick<RecordingWriter, 'path' | 'bytes' | 'problem'> {
    return this.#writer;
  }

  /** Records a look, unless the one before took too long. What cannot be recorded ends the recording. */
  record(look: RecordedLook): void {
    if (this.#writer.problem !== null) return;
    this.#keepEvents(look);
    if (look.atMs < this.#notBeforeMs) return;
    try {
      this.#write(look);
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      this.#writer.end(error);
    }
  }

  [Symbol.dispose](): void {
    this.#writer[Symbol.dispose]();
  }

  /** A frame has room for so many: the oldest are lost. */
  #keepEvents({ events = [], lost = 0 }: RecordedLook): void {
    const all = this.#events.concat(events);
    this.#events = all.slice(-MOST.eventsInFrame);
    this.#lost += lost + all.length - this.#events.length;
  }

  #write(look: RecordedLook): void {
    const begin = performance.now();
    this.#beganMs ??= look.atMs;
    const { atMs, owners, turnarounds, ...rest } = look;
    const seen = {
      ...rest,
      t: Math.max(this.#scene.t, Math.round(atMs - this.#beganMs)),
      ...(owners ? { owners } : {}),
      ...(turnarounds ? { turnarounds } : {}),
      processes: this.#newProcesses(owners),
      routes: this.#routes.take(),
      events: this.#events,
      lost: this.#lost,
    };
    const frame = difference(this.#scene, seen);
    this.#scene.apply(frame);
    this.#routes.survey(this.#scene);
    const keyDue = this.#bytesSince >= Math.max(KEYFRAME_AFTER_BYTES, 2 * this.#keyframeBytes);
    const { events, lost } = frame;
    const bytes = this.#writer.write(keyDue ? { ...keyframe(this.#scene), events, lost } : frame);
    if (keyDue) this.#keyframeBytes = bytes;
    this.#bytesSince = keyDue ? 0 : this.#bytesSince + bytes;
    this.#events = [];
    this.#lost = 0;
    this.#notBeforeMs = atMs + (performance.now() - begin) / SHARE;
  }

  /** Those that are not known, or run another program now: their id was given out again, or they went on to it. */
  #newProcesses(owners: ReadonlyMap<string, OwnerDetail> | undefined): Map<number, ProcessFacts | null> {
    const found = new Map<number, ProcessFacts | null>();
    if (owners === undefined) return found;
    const comms = new Map([...this.#scene.owners.values()].map(({ pid, comm }) => [pid, comm]));
    for (const { pid, comm } of owners.values()) {
      if (found.size >= MOST_PROCESSES) break;
      if (found.has(pid) || (this.#scene.processes.has(pid) && comms.get(pid) === comm)) continue;
      found.set(pid, this.#asked.processDetail(pid));
    }
    return found;
  }
}
