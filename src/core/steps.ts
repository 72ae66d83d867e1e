/** Work that can be interrupted. */

/**
 * Work in steps: it yields wherever something else may be done, and returns its result. Whoever does
 * not go on to the end calls `return()`, which lets go of what it holds.
 */
export type Steps<Result> = Generator<void, Result, void>;

/** Does all the steps that are left, at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
