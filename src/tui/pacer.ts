/** How often the view looks: as often as told, or more seldom, so that it stays a guest on the machine. */

/** Of one core, at the default refresh; and for whoever asks for a faster one. */
const SHARE = 0.11;
const SHARE_FASTER = 0.22;

/** How much the last turn counts against those before it. */
const WEIGHT = 0.3;

/** So that the figure in the header does not flicker. */
const STEP_MS = 50;

export class Pacer {
  readonly #wantedMs: number;
  readonly #share: number;
  /** Processor time of a turn, from one look to the next. */
  #turnMs = 0;
  #cpuMs: number | null = null;

  constructor(wantedMs: number, defaultMs: number) {
    this.#wantedMs = wantedMs;
    this.#share = wantedMs < defaultMs ? SHARE_FASTER : SHARE;
  }

  /**
   * Call it at the begin of each look.
   * @param cpuMs the processor time of this process so far, without what has a pace of its own
   */
  turn(cpuMs: number): void {
    if (this.#cpuMs !== null) this.#turnMs += WEIGHT * (cpuMs - this.#cpuMs - this.#turnMs);
    this.#cpuMs = cpuMs;
  }

  /** From the begin of a look to the begin of the next, in milliseconds. */
  get intervalMs(): number {
    const neededMs = this.#turnMs / this.#share;
    return neededMs <= this.#wantedMs ? this.#wantedMs : STEP_MS * Math.ceil(neededMs / STEP_MS);
  }
}

/** The processor time that this process took so far, on all cores. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
