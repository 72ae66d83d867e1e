/** What a terminal shows before the first prompt. */
import { printable, type Splice, SpliceError } from '../core/index.ts';

/** Two lines: what is loaded, and where to go from here. */
export function banner(splice: Splice): string {
  return `${whatIsLoaded(splice)}\nhelp() lists what there is to type; Tab completes; Ctrl-D leaves.`;
}

function whatIsLoaded(splice: Splice): string {
  try {
    const status = splice.status();
    if (!status.loaded) return `Nothing is loaded at ${printable(splice.pin)}: 'splice up' loads it.`;
    const mode = status.bypass ? 'bypass' : status.mode;
    return `The splice at ${printable(status.pin)} (${mode}) has ${status.map.entries} entries.`;
  } catch (error) {
    if (!(error instanceof SpliceError)) throw error;
    return `The splice cannot be seen: ${error.message}.`;
  }
}
