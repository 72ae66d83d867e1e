import { SpliceError } from '../core/index.ts';

/** The error for what keeps the bench from its figures. */
export function benchFailed(
  message: string,
  remedy = "'splice bench' again; everything it made is removed",
): SpliceError {
  return new SpliceError('BENCH_FAILED', message, remedy);
}
