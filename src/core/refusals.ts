/** What a splice refuses, and what to try instead. */
import { inspect } from 'node:util';
import { SpliceError } from './errors.ts';
import type { Mode } from './layout.ts';
import { printable } from './printable.ts';

/** The error for adopting under the textbook program. */
export function notForNaive(): SpliceError {
  return new SpliceError(
    'NOT_LOSSLESS',
    'naive redirects to an adopted socket at once, past readers that are asleep and bytes that are unread',
    "'splice up --mode guarded', which waits for both",
  );
}

/** The error for a mode that the splice does not have. */
export function badMode(name: string, mode: Mode): SpliceError {
  return new SpliceError(
    'BAD_MODE',
    `${printable(inspect(name))} is not a mode of this splice, which was loaded as ${mode}`,
    `'bypass' or '${mode}'; for another program 'splice down', then 'splice up --mode NAME'`,
  );
}

/** The error for what only a `down` can mend. */
export function halfDone(pin: string): SpliceError {
  return new SpliceError(
    'HALF_DONE',
    `the splice at ${printable(pin)} is half up or half down: a command was cut short, or queues were not read`,
    "'splice down' to finish, then 'splice up'",
  );
}
