/** What a splice refuses, and what to try instead. */
import { inspect } from 'node:util';
import { SpliceError } from './errors.ts';
import type { Mode } from './layout.ts';
import { isLocked } from './pin-lock.ts';
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

/** The error for what only a `down` can mend, unless a command is at work on it. */
export function halfDone(pin: string): SpliceError {
  const busy = isLocked(pin);
  const why = busy ? 'another command is at work on it' : 'a command was cut short, or queues were not read';
  return new SpliceError(
    'HALF_DONE',
    `the splice at ${printable(pin)} is half up or half down: ${why}; everything goes by TCP`,
    busy ? 'again when that has finished' : "'splice down' to finish, then 'splice up'",
  );
}
