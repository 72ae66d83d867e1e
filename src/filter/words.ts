/** The words of the filter language that stand alone. */
import type { FilterRow } from './row.ts';

/** Less than this is a reader on its way. */
const UNREAD_MS = 1000;

/** Its peer has an entry, it has redirected to it, and did so with its last message, as far as that is known. */
export function isSpliced({ peer, redirects, verdict }: FilterRow): boolean {
  return peer && redirects > 0 && (verdict ?? 'redirect') === 'redirect';
}

/**
 * Bytes wait in its queue and nobody reads them (for a second, as far as that is known), or its peer
 * has an entry and its messages go by TCP all the same, because of order or backlog: the last one,
 * or, where that is not known, more of them than were redirected.
 */
export function isStuck({ peer, redirects, passes, queuedBytes, verdict, unreadMs }: FilterRow): boolean {
  if (queuedBytes > 0 && (unreadMs ?? UNREAD_MS) >= UNREAD_MS) return true;
  if (!peer) return false;
  if (verdict) return verdict === 'order' || verdict === 'backlog';
  return passes.order + passes.backlog > redirects;
}

/** Whether the reverse key has an entry. */
export function hasPeer({ peer }: FilterRow): boolean {
  return peer;
}
