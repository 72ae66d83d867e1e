/** The lab's errors. */
import { SpliceError } from '../core/index.ts';

/** The error for what keeps an experiment from its result. */
export function labFailed(message: string, cause?: unknown): SpliceError {
  return new SpliceError('LAB_FAILED', message, "'splice lab' again; everything it made is removed", cause);
}

/** The error for results that must not be, one sentence each. */
export function unexpectedResults(problems: readonly string[]): SpliceError {
  return new SpliceError('LAB_FAILED', problems.join('\n'), "'splice lab NAME --explain', which tells what happened");
}
