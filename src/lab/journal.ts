/** What happened in one run of an experiment, in the order in which it did. */

export interface LabEvent {
  /** Milliseconds since the run began. */
  atMs: number;
  /** Who did it or saw it: an end, the splice, a tool. */
  who: string;
  what: string;
}

export class Journal {
  readonly events: LabEvent[] = [];
  readonly #start = performance.now();

  note(who: string, what: string): void {
    this.events.push({ atMs: Math.round((performance.now() - this.#start) * 10) / 10, who, what });
  }
}
