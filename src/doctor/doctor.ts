/** The whole examination, in the order of the report. */
import type { SpliceError } from '../core/index.ts';
import type { Check } from './check.ts';
import { checkKernel } from './kernel.ts';
import { tryLive } from './live.ts';
import { checkMachine } from './machine.ts';
import { checkPlace } from './place.ts';
import { checkPrograms } from './programs.ts';

export interface Diagnosis {
  checks: Check[];
  /** What stands against a guarded splice here; null when it can be used. */
  obstacle: SpliceError | null;
}

/**
 * Tries what a splice needs, and what it does to sockets. Needs nothing, and leaves nothing.
 * @param pin where a splice would be pinned
 */
export async function examine(pin: string): Promise<Diagnosis> {
  const before = [...checkMachine(pin), ...checkPlace(pin), ...checkKernel(), ...checkPrograms()];
  const { checks, obstacle } = await tryLive(pin);
  return { checks: [...before, ...checks], obstacle };
}
