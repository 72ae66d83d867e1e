/** What every probe is given, and how it says what an application would see. */
import { KernelError } from '../../core/kernel-error.ts';
import { getOption, OPTION } from '../../core/libc.ts';

/** Both ends of a connection, and the switch: `byTcp` resolves when all goes by TCP from here on. */
export interface Pair {
  from: number;
  to: number;
  byTcp: () => Promise<void>;
}

/** Answers with a few words; where the words are the same on TCP and on a spliced socket, the sockets are. */
export type Probe = (pair: Pair) => string | Promise<string>;

/** For what comes in any case. */
export const PATIENCE_MS = 2_000;
/** For what comes on one of the two sockets only. */
export const IN_VAIN_MS = 1_000;
/** In `struct tcp_info` (include/uapi/linux/tcp.h). */
const BYTES_RECEIVED = 128;

/** How many bytes a socket ever received by TCP; redirected ones are not among them. */
export function bytesReceived(fd: number): number {
  return Number(getOption(fd, OPTION.TCP_INFO).readBigUInt64LE(BYTES_RECEIVED));
}

/** The name of the errno is what an application sees of a failure. */
export function orError(action: () => string): string {
  try {
    return action();
  } catch (error) {
    if (error instanceof KernelError) return error.errnoName;
    throw error;
  }
}
