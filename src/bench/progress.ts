/** The line that says how far the bench is and how long it will take. */

/** Where it is written: standard error. */
export interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

export interface Step {
  /** Counted from 0. */
  row: number;
  rows: number;
  name: string;
  /** Counted from 0. */
  round: number;
  rounds: number;
}

/** Fewer seconds are not worth a line of their own in a log. */
const CLEAR_LINE = '\r\u001b[K';

export class Progress {
  readonly #output: Output;
  readonly #now: () => number;
  readonly #start: number;
  #plannedMs = 0;

  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
    this.#start = now();
  }

  /**
   * Tells where it is. On a terminal the line is written over the last one, elsewhere each row has one.
   * @param doneMs what is done, as it was planned
   * @param plannedMs the whole, as it was planned
   */
  show(step: Step, doneMs: number, plannedMs: number): void {
    this.#plannedMs = plannedMs;
    const line = progressLine(step, this.#left(doneMs));
    if (this.#output.isTTY) this.#output.write(`${CLEAR_LINE}${line}`);
    else if (step.round === 0) this.#output.write(`${line}\n`);
  }

  /** Takes the line away, for what is written next. */
  clear(): void {
    if (this.#output.isTTY) this.#output.write(CLEAR_LINE);
  }

  /** As long as planned for the rest, at the pace of what is done; at its start the plan is all there is. */
  #left(doneMs: number): number {
    const tookMs = this.#now() - this.#start;
    const pace = doneMs > 0 ? Math.max(tookMs / doneMs, 1) : 1;
    return Math.max(this.#plannedMs - doneMs, 0) * pace;
  }
}

/** `[ 3/40] redis-1@veth/2cpu, round 2 of 5; about 12 min left` */
export function progressLine({ row, rows, name, round, rounds }: Step, leftMs: number): string {
  const count = `${String(row + 1).padStart(String(rows).length)}/${rows}`;
  return `[${count}] ${name}, round ${round + 1} of ${rounds}; ${timeLeft(leftMs)}`;
}

function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `about ${seconds} s left` : `about ${Math.ceil(seconds / 60)} min left`;
}
