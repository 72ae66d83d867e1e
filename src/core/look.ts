/** One look at a splice: what is loaded, and every entry. */
import type { Access } from './access.ts';
import { SpliceError } from './errors.ts';
import type { PinnedMaps } from './pinned.ts';
import type { Snapshot } from './status.ts';
import type { Steps } from './steps.ts';

/** What else a look is for. */
interface LookOptions {
  /** Finds the processes behind the entries, too. */
  owners?: boolean;
  /** Done first, when there is a splice. */
  also?: (pinned: PinnedMaps) => void;
}

/** Status and entries of one pass, in steps of less than a millisecond; not an error when nothing is loaded. */
export function* look(access: Access, { owners = false, also }: LookOptions = {}): Steps<Snapshot> {
  const atMs = performance.now();
  try {
    using pinned = access.open();
    also?.(pinned);
    const entries = yield* access.listing(pinned, owners);
    const { mode, traffic } = pinned.settings();
    const map = { ...pinned.mapInfo(), entries: entries.length };
    const [cgroups, totals] = [access.cgroups(pinned), pinned.totals()];
    const facts = { mode, bypass: traffic !== 'redirect', pin: access.pin, cgroups, map, totals };
    return { atMs, entries, status: { loaded: true, ...facts, keptOut: pinned.keptOut() } };
  } catch (error) {
    if (!(error instanceof SpliceError) || error.code !== 'NOT_LOADED') throw error;
    return { atMs, entries: [], status: { loaded: false } };
  }
}
