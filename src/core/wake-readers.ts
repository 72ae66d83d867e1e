/** Readers that are told of bytes once only, and may have overlooked some while their entry was drained. */
import { Adopter } from './adopter.ts';
import { KernelError } from './kernel-error.ts';
import { NoAnswer, Outpost } from './outpost.ts';
import type { PinnedMaps } from './pinned.ts';

/**
 * Tells the readers of sockets that have no entry any more to look again, by their cookies. While an entry
 * is drained, bytes come by TCP behind redirected ones that are unread; an edge-triggered reader may
 * take the end of those for the end of all (docs/safety.md). Setting SO_RCVLOWAT to what it is has the
 * kernel tell of what can be read (net/ipv4/tcp.c, tcp_set_rcvlowat); it changes nothing else.
 */
export function wakeReaders(pinned: PinnedMaps, cookies: ReadonlySet<string>): void {
  if (cookies.size === 0) return;
  using adopter = new Adopter(pinned);
  using outpost = new Outpost();
  for (const { pid, fd, cookie } of adopter.candidates()) if (cookies.has(cookie)) wake(outpost, pid, fd, cookie);
}

function wake(outpost: Outpost, pid: number, fd: number, cookie: string): void {
  try {
    outpost.wake({ pid, fd, cookie });
  } catch (error) {
    // Closed meanwhile, and there is nobody left to tell; or the reader's own process keeps us from it.
    if (!(error instanceof KernelError) && !(error instanceof NoAnswer)) throw error;
  }
}
