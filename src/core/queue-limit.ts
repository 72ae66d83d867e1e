/** How many bytes may wait for a reader: what TCP would let it have, within a bound of ours. */
import { MOST_OF_PROC, readText } from './bounded-file.ts';

/** Net namespaces may differ; that of whoever loads the splice counts. */
const TCP_RMEM = '/proc/sys/net/ipv4/tcp_rmem';

/**
 * No reader without SO_RCVBUF has more than this waiting. A stream of 10 Gbit/s sends 4 MiB within a time
 * slice of another process: where CPUs are busy, that is too little (docs/performance.md).
 */
export const MOST_QUEUED_BYTES = 8 << 20;

/**
 * The limit for sockets that did not set SO_RCVBUF, in bytes: the maximum of `net.ipv4.tcp_rmem`, but
 * MOST_QUEUED_BYTES at most. TCP lets a receive buffer grow to that maximum: what follows a full queue
 * by TCP finds room there, instead of being dropped and sent again.
 */
export function defaultQueueLimit(tcpRmem = readText(TCP_RMEM, MOST_OF_PROC)): number {
  const most = Number(tcpRmem.trim().split(/\s+/)[2]);
  return Math.min(most, MOST_QUEUED_BYTES);
}
