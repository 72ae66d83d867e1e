/** Reads a recording: looks through all of it once, then finds any frame quickly. */
import { closeSync, readSync } from 'node:fs';
import { openRegularFile } from '../core/bounded-file.ts';
import { printable, SpliceError, type SpliceEvent } from '../core/index.ts';
import { Flaw } from './checks.ts';
import { type Frame, type Header, KEYFRAME_AFTER_BYTES, MOST } from './format.ts';
import { checkShape, linesOf } from './lines.ts';
import { parseFrame, parseHeader } from './parse.ts';
import { Scene } from './scene.ts';

/** Where a frame is, and what of it is kept in memory. */
interface Place {
  readonly offset: number;
  readonly length: number;
  readonly t: number;
  readonly key: boolean;
}

/** An event, and the frame that told it. */
interface ToldEvent {
  readonly frame: number;
  readonly event: SpliceEvent;
}

/** Keyframes are written about this much more often. */
const LONGEST_SINCE = 8;

/** More than a view shows; of a longer recording only the last are known. */
const MOST_EVENTS = 100_000;

export class RecordingReader implements Disposable {
  readonly path: string;
  readonly header: Header;
  /** What the user should know of it, such as that its end is missing. */
  readonly note: string | null;
  readonly #fd: number;
  readonly #places: Place[] = [];
  readonly #events: ToldEvent[] = [];
  /** Events lost until each frame. */
  readonly #lost: number[] = [];
  /** Of the last keyframe, and of what came after it. */
  #keyframeBytes = 0;
  #bytesSince = 0;
  #scene = new Scene();
  /** The frame that the scene is at. */
  #at = -1;

  /**
   * Opens a recording and checks every line of it.
   * @throws SpliceError FILE_NOT_READ, BAD_RECORDING which says what is wrong with which line
   */
  constructor(path: string) {
    this.path = path;
    this.#fd = openRecording(path);
    try {
      [this.header, this.note] = this.#look();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  get frames(): number {
    return this.#places.length;
  }

  get durationMs(): number {
    return this.#places.at(-1)?.t ?? 0;
  }

  /** When a frame was recorded, in milliseconds since the beginning. */
  timeOf(frame: number): number {
    return this.#places[frame]?.t ?? 0;
  }

  /** The last frame at or before a time. */
  frameAt(t: number): number {
    let low = 0;
    let high = this.#places.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.timeOf(middle) <= t) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What was known at a frame; valid until another one is asked for. */
  sceneAt(frame: number): Scene {
    const from = this.#places.findLastIndex(({ key }, index) => key && index <= frame);
    if (this.#at > frame || this.#at < from) {
      this.#scene = new Scene();
      this.#at = from - 1;
    }
    while (this.#at < frame) {
      const next = this.#at + 1;
      const { offset, length } = this.#places[next] as Place;
      const line = Buffer.alloc(length);
      readSync(this.#fd, line, 0, length, offset);
      this.#checked(next + 2, () => this.#scene.apply(parseFrame(line.toString())));
      this.#at = next;
    }
    return this.#scene;
  }

  /** The events of the frames after `after`, up to `upTo`. */
  eventsBetween(after: number, upTo: number): { events: SpliceEvent[]; lost: number } {
    const events = this.#events.filter(({ frame }) => frame > after && frame <= upTo).map(({ event }) => event);
    return { events, lost: (this.#lost[upTo] ?? 0) - (this.#lost[after] ?? 0) };
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #look(): [Header, string | null] {
    let header: Header | undefined;
    let note: string | null = null;
    const scene = new Scene();
    let number = 0;
    for (const { offset, bytes, isWhole } of linesOf(this.#fd)) {
      number++;
      this.#checked(number, () => checkShape(bytes));
      const line = bytes.toString();
      if (!isWhole && header !== undefined && !isJson(line)) {
        note = `its last line is cut off: the recorder was ended in the middle of it`;
        break;
      }
      this.#checked(number, () => {
        if (header === undefined) {
          header = parseHeader(line);
          return;
        }
        const frame = parseFrame(line);
        if (this.#places.length === 0 && !frame.key) throw new Flaw('the first frame is not a keyframe');
        this.#checkLength(frame.key, bytes.length);
        scene.apply(frame);
        this.#remember(frame, offset, bytes.length);
      });
    }
    if (header === undefined) this.#checked(1, () => parseHeader(''));
    if (this.#places.length === 0) this.#checked(number + 1, () => fail('nothing was recorded'));
    return [header as unknown as Header, note];
  }

  /** A frame is found by what came since the keyframe before it: a recorder sees to it that it is not too much. */
  #checkLength(isKey: boolean, bytes: number): void {
    if (this.#places.length === MOST.frames) throw new Flaw(`it has more than ${MOST.frames} frames`);
    if (isKey) [this.#keyframeBytes, this.#bytesSince] = [bytes, 0];
    else if (this.#bytesSince > LONGEST_SINCE * Math.max(KEYFRAME_AFTER_BYTES, this.#keyframeBytes)) {
      throw new Flaw(`no keyframe is in the ${this.#bytesSince} bytes before it`);
    } else this.#bytesSince += bytes;
  }

  #remember({ t, key, events, lost }: Frame, offset: number, length: number): void {
    const frame = this.#places.push({ offset, length, t, key }) - 1;
    for (const event of events) this.#events.push({ frame, event });
    if (this.#events.length > 2 * MOST_EVENTS) this.#events.splice(0, this.#events.length - MOST_EVENTS);
    this.#lost.push((this.#lost.at(-1) ?? 0) + lost);
  }

  #checked(line: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof Flaw) throw badRecording(this.path, line, error);
      throw error;
    }
  }
}

function fail(what: string): never {
  throw new Flaw(what);
}

function badRecording(path: string, line: number, flaw: Flaw): SpliceError {
  const remedies = {
    foreign: "a file that 'splice-tui --record FILE' wrote",
    newer: 'the splice-tui that recorded it, or a later one',
    damaged: line > 2 ? `the part before it: head -n ${line - 1}` : 'record it again',
  };
  const what = `${printable(path)}, line ${line}: ${flaw.message}`;
  return new SpliceError('BAD_RECORDING', what, remedies[flaw.kind], flaw);
}

/** Whoever replays a recording did not always write it. */
function openRecording(path: string): number {
  try {
    return openRegularFile(path);
  } catch (cause) {
    const { message } = cause as Error;
    throw new SpliceError('FILE_NOT_READ', printable(message), "a file that 'splice-tui --record FILE' wrote", cause);
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
