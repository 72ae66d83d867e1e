/** Remembers the ends of connections as text: every end is in two keys, a server's in thousands. */
import { formatEnd } from './sock-key.ts';

/** 64 000 entries have 64 000 ends at the most; then, room for those that come and go. */
const MOST = 1 << 17;

const byAddress = new Map<string, Map<number, string>>();
let known = 0;

/** The same as `formatEnd`; for listings, which need each end again and again. */
export function knownEnd(address: string, port: number): string {
  const text = byAddress.get(address)?.get(port);
  return text ?? remember(address, port, formatEnd(address, port));
}

function remember(address: string, port: number, text: string): string {
  if (known === MOST) {
    byAddress.clear();
    known = 0;
  }
  const ends = byAddress.get(address) ?? new Map<number, string>();
  ends.set(port, text);
  byAddress.set(address, ends);
  known++;
  return text;
}
