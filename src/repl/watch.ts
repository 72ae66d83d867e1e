/** Doing something again and again until Ctrl-C. */
import { setTimeout as sleep } from 'node:timers/promises';
import { checkOptions } from '../core/index.ts';
import type { Console } from './console.ts';
import { currentLine } from './interruption.ts';

export interface RepeatOptions {
  /** Milliseconds between two looks; 1000 unless told. */
  everyMs?: number;
  /** How often; without an end unless told. */
  times?: number;
}

/**
 * Paints what a look gives, again and again in the same place, until Ctrl-C or the given number of times.
 * @throws SpliceError BAD_OPTION; whatever a look throws
 */
export function repeat(console: Console, options: RepeatOptions, look: () => string): Promise<void> {
  const { everyMs = 1000, times = Number.POSITIVE_INFINITY } = checkOptions('watch', options, {
    everyMs: 'milliseconds',
    times: 'count',
  });
  const line = currentLine();
  line.isTheEnd = true;
  return (async () => {
    for (let done = 0; done < times; done++) {
      if (done > 0) await sleep(everyMs, undefined, { signal: line.signal });
      line.signal.throwIfAborted();
      console.repaint(look());
    }
  })();
}
