/** Remembers the ends of connections as text: every end is in two keys, a server's in thousands. */
import { formatEnd } from './sock-key.ts';

/** 64 000 entries have 64 000 ends at the most; then, room for those that come and go. */
const MOST = 1 << 17;

/** By port; V8 makes a hash table of a sparse array, and finds a number in it faster than a Map does. */
const byAddress = new Map<string, string[]>();
let known = 0;

/** The same as `formatEnd`; for listings, which need each end again and again. */
export function knownEnd(address: string, port: number): string {
  return byAddress.get(address)?.[port] ?? remember(address, port, formatEnd(address, port));
}

function remember(address: string, port: number, text: string): string {
  if (known === MOST) {
    byAddress.clear();
    known = 0;
  }
  const ends = byAddress.get(address) ?? [];
  ends[port] = text;
  byAddress.set(address, ends);
  known++;
  return text;
}
