/** Where a replay is in time: playing or paused, how fast, and moved about. */

/** How much faster than it was. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

export class Playback {
  readonly durationMs: number;
  readonly #now: () => number;
  #speed: (typeof SPEEDS)[number] = 1;
  #returns = 0;
  /** The position at `#since`. */
  #fromMs = 0;
  /** When it began to play on from there; null while it is paused. */
  #since: number | null = null;

  /** Stands at the beginning, paused. `now` is a clock in milliseconds. */
  constructor(durationMs: number, now: () => number = () => performance.now()) {
    this.durationMs = durationMs;
    this.#now = now;
  }

  /** Milliseconds since the beginning of the recording. */
  get positionMs(): number {
    const played = this.#since === null ? 0 : (this.#now() - this.#since) * this.#speed;
    return Math.min(this.durationMs, this.#fromMs + played);
  }

  /** How often time went back: what was made of the time before holds no longer. */
  get returns(): number {
    return this.#returns;
  }

  get speed(): number {
    return this.#speed;
  }

  get isAtEnd(): boolean {
    return this.positionMs >= this.durationMs;
  }

  /** False at the end, too. */
  get isPlaying(): boolean {
    return this.#since !== null && !this.isAtEnd;
  }

  /** Plays on; from the beginning when it is at the end. */
  play(): void {
    if (this.isAtEnd) this.seek(0);
    this.#fromMs = this.positionMs;
    this.#since = this.#now();
  }

  pause(): void {
    this.#fromMs = this.positionMs;
    this.#since = null;
  }

  /** Goes to a position, clamped to the recording, and goes on or stands there as before. */
  seek(positionMs: number): void {
    const target = Math.max(0, Math.min(this.durationMs, positionMs));
    if (target < this.positionMs) this.#returns++;
    this.#fromMs = target;
    if (this.#since !== null) this.#since = this.#now();
  }

  /** The next speed up (1) or down (-1). */
  changeSpeed(by: 1 | -1): void {
    this.seek(this.positionMs);
    this.#speed = SPEEDS[SPEEDS.indexOf(this.#speed) + by] ?? this.#speed;
  }
}
