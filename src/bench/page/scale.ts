/** A logarithmic axis: where a value is on it, in percent of its length. */

/** The ends of an axis of ratios are not beyond these. */
const LEAST_END = 1 / 4;
const MOST_END = 8;

export class LogScale {
  readonly least: number;
  readonly most: number;

  /** @param least above 0, and below `most` */
  constructor(least: number, most: number) {
    this.least = least;
    this.most = most;
  }

  /**
   * From the power of two below all values to the one above, but not so far that one wild value
   * presses all others together: that one is drawn at the end.
   */
  static around(values: readonly number[]): LogScale {
    const present = values.filter((value) => value > 0 && Number.isFinite(value));
    const least = 2 ** Math.floor(Math.log2(Math.min(...present, 1)));
    const most = 2 ** Math.ceil(Math.log2(Math.max(...present, 1)));
    const within = (value: number) => Math.min(Math.max(value, LEAST_END), MOST_END);
    return new LogScale(within(Math.min(least, 0.5)), within(Math.max(most, 2)));
  }

  /** 0 to 100; what is beyond an end is at that end. */
  percent(value: number): number {
    const share = Math.log(value / this.least) / Math.log(this.most / this.least);
    return Math.round(Math.min(Math.max(share, 0), 1) * 1e4) / 100;
  }

  /** The powers of two on it, both ends included. */
  ticks(): number[] {
    const count = Math.round(Math.log2(this.most / this.least));
    return Array.from({ length: count + 1 }, (_, index) => this.least * 2 ** index);
  }
}
