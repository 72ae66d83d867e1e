/** Reads the events of a splice, whether it stays, goes, or comes back. */
import { noEntry } from './edits.ts';
import { SpliceError } from './errors.ts';
import { EventPlace } from './event-place.ts';
import { type EventBatch, type EventReader, readEvents } from './events.ts';
import { PinnedMaps } from './pinned.ts';
import { halfDone } from './refusals.ts';
import { type KeyInput, SockKey } from './sock-key.ts';

/** The programs write into a ring buffer of its own; see EventReader. */
export class LiveEventReader implements EventReader {
  readonly #pin: string;
  #place: EventPlace | null;
  #isClosed = false;

  /** @throws SpliceError NOT_LOADED, HALF_DONE, TOO_MANY_READERS */
  constructor(pin: string) {
    this.#pin = pin;
    this.#place = takePlace(pin);
  }

  read(): EventBatch {
    const place = this.#place ?? this.#takePlaceAgain();
    if (place === null) return { events: [], lost: 0 };
    const batch = { events: readEvents(place.read()), lost: place.takeLost() };
    if (!place.isThere()) this.#leave();
    return batch;
  }

  trace(key: KeyInput, on: boolean): void {
    const wanted = SockKey.from(key);
    if (this.#place?.isThere() === false) this.#leave();
    this.#place ??= takePlace(this.#pin);
    if (this.#place === null) throw notTold();
    if (!this.#place.trace(wanted, on)) throw noEntry(wanted);
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #leave(): void {
    this.#place?.[Symbol.dispose]();
    this.#place = null;
  }

  #takePlaceAgain(): EventPlace | null {
    if (this.#isClosed) return null;
    try {
      this.#place = takePlace(this.#pin);
    } catch (error) {
      if (!(error instanceof SpliceError) || !MAY_PASS.includes(error.code)) throw error;
    }
    return this.#place;
  }
}

/** What may be otherwise at the next read. */
const MAY_PASS: readonly string[] = ['NOT_LOADED', 'HALF_DONE', 'TOO_MANY_READERS'];

/** A place among the readers; null when the splice is naive. */
function takePlace(pin: string): EventPlace | null {
  const pinned = new PinnedMaps(pin);
  try {
    if (pinned.hasReaders) return EventPlace.take(pinned);
    if (!pinned.whole || pinned.settings().mode !== 'naive') throw halfDone(pin);
  } catch (error) {
    pinned[Symbol.dispose]();
    throw error;
  }
  pinned[Symbol.dispose]();
  return null;
}

function notTold(): SpliceError {
  return new SpliceError(
    'BAD_MODE',
    'a splice that was loaded as naive does not tell what it does',
    "'splice down', then 'splice up --mode guarded'",
  );
}
