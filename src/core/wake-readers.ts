/** Readers that are told of bytes once only, and may have overlooked some while their entry was drained. */
import { Adopter, type Candidate } from './adopter.ts';
import { commOf } from './adoption.ts';
import { KernelError } from './kernel-error.ts';
import { NoAnswer, Outpost } from './outpost.ts';
import type { PinnedMaps } from './pinned.ts';
import { printable } from './printable.ts';
import { UNSEEN } from './socket-holders.ts';

/**
 * Tells the readers of sockets that have no entry any more to look again, by their cookies. While an entry
 * is drained, bytes come by TCP behind redirected ones that are unread; an edge-triggered reader may
 * take the end of those for the end of all (docs/safety.md). Setting SO_RCVLOWAT to what it is has the
 * kernel tell of what can be read (net/ipv4/tcp.c, tcp_set_rcvlowat); it changes nothing else.
 * @returns the edge-triggered readers that this process may not reach, in words: they may wait for what is there
 */
export function wakeReaders(pinned: PinnedMaps, cookies: ReadonlySet<string>): string[] {
  if (cookies.size === 0) return [];
  using adopter = new Adopter(pinned);
  using outpost = new Outpost();
  const readers = adopter.candidates().filter(({ cookie }) => cookies.has(cookie));
  const missed = readers.filter((reader) => !wake(outpost, reader) && reader.isEdgeTriggered);
  return missed.map(({ key, pid }) =>
    pid === UNSEEN
      ? `${key}, of a process that is not seen from here`
      : `${key}, of ${printable(commOf(pid))} (pid ${pid})`,
  );
}

/** False when its process keeps this one from it. */
function wake(outpost: Outpost, { pid, fd, cookie }: Candidate): boolean {
  if (pid === UNSEEN) return false;
  try {
    outpost.wake({ pid, fd, cookie });
    return true;
  } catch (error) {
    if (error instanceof NoAnswer) return false;
    if (!(error instanceof KernelError)) throw error;
    // Otherwise it was closed meanwhile: there is nobody left to tell.
    return error.errnoName !== 'EPERM';
  }
}
