/** Readers that are told of bytes once only, and may have overlooked some while their entry was drained. */
import { closeSync } from 'node:fs';
import { Adopter } from './adopter.ts';
import { duplicateDescriptor } from './descriptors.ts';
import { KernelError } from './kernel-error.ts';
import { getOption, OPTION, setOption } from './libc.ts';
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
  for (const { pid, fd, cookie } of adopter.candidates()) if (cookies.has(cookie)) wake(pid, fd, cookie);
}

function wake(pid: number, fd: number, cookie: string): void {
  let socket: number | undefined;
  try {
    socket = duplicateDescriptor(pid, fd);
    // The descriptor may be another socket by now.
    if (String(getOption(socket, OPTION.COOKIE).readBigUInt64LE()) !== cookie) return;
    setOption(socket, OPTION.RCVLOWAT, getOption(socket, OPTION.RCVLOWAT).readInt32LE());
  } catch (error) {
    // Closed meanwhile: there is nobody left to tell.
    if (!(error instanceof KernelError)) throw error;
  } finally {
    if (socket !== undefined) closeSync(socket);
  }
}
