/** Who has a connected socket open that has no entry: what put() asks for. */
import { Adopter } from './adopter.ts';
import { commOf } from './adoption.ts';
import type { PinnedMaps } from './pinned.ts';
import { printable } from './printable.ts';
import type { SockKey } from './sock-key.ts';
import { UNSEEN } from './socket-holders.ts';

/** A descriptor of a process. */
export interface OpenSocket {
  readonly pid: number;
  readonly fd: number;
  /** The socket's cookie: the same as long as it lives. */
  readonly cookie: string;
  /** The name of the process, printable. */
  readonly comm: string;
  /** A sockmap has it, of another program or another splice: put() is refused. */
  readonly isTaken: boolean;
}

/** The connected sockets without an entry that have these addresses and ports: in several network namespaces, several. */
export function findSockets(pinned: PinnedMaps, wanted: SockKey): OpenSocket[] {
  using adopter = new Adopter(pinned);
  const text = wanted.toString();
  const found = adopter.candidates().filter(({ key, isEstablished }) => isEstablished && key.toString() === text);
  return found
    .filter(({ pid }) => pid !== UNSEEN)
    .map(({ pid, fd, cookie, isTaken }) => ({ pid, fd, cookie, isTaken, comm: printable(commOf(pid)) }));
}
