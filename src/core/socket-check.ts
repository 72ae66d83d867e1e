/** What a descriptor must be to become an entry, looked at before the kernel is asked: it says less. */
import { TCP_STATES } from './entry.ts';
import { SpliceError } from './errors.ts';
import { canonicalAddress, formatIpv4, formatIpv6 } from './ip-address.ts';
import { KernelError } from './kernel-error.ts';
import { getOption, OPTION, socketNames } from './libc.ts';
import { formatEnd, SockKey } from './sock-key.ts';

const AF_INET = 2;
const AF_INET6 = 10;

/**
 * Checks that a descriptor is the ESTABLISHED TCP socket that the key names.
 * @param name of the descriptor, as the user knows it
 * @throws SpliceError WRONG_SOCKET, which says what it is instead
 */
export function checkSocket(socket: number, key: SockKey, name: string): void {
  const state = tcpState(socket, name);
  if (state === 'LISTEN') throw wrong(`${name} is a TCP socket that listens: it has no peer`);
  if (state !== 'ESTABLISHED') throw wrong(`${name} is a TCP socket in state ${state}, not ESTABLISHED`);
  const found = keyOf(socket);
  if (found?.toString() === key.toString()) return;
  const isReverse = found?.toString() === key.reverse().toString();
  const is = isReverse ? `the other end, ${found}` : `${found}: its addresses and ports are not those of the key`;
  throw wrong(`${name} is not ${key} but ${is}`);
}

function tcpState(socket: number, name: string): string {
  try {
    return TCP_STATES[getOption(socket, OPTION.TCP_INFO)[0] as number] ?? 'UNKNOWN';
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    const isSocket = error.errnoName !== 'ENOTSOCK';
    throw wrong(`${name} is ${isSocket ? 'a socket, but not one of TCP' : 'not a socket'}`, error);
  }
}

/** The key that the socket would have; null when it has no peer any more. */
export function keyOf(socket: number): SockKey | null {
  try {
    const { own, peer } = socketNames(socket);
    return SockKey.from(`${endOf(own)}->${endOf(peer)}`);
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

/** include/uapi/linux/in.h, include/uapi/linux/in6.h */
function endOf(address: Buffer): string {
  const family = address.readUInt16LE(0);
  const port = address.readUInt16BE(2);
  if (family === AF_INET) return formatEnd(formatIpv4(address.readUInt32BE(4)), port);
  if (family !== AF_INET6) throw new Error(`a TCP socket of address family ${family}`);
  const text = formatIpv6(address.subarray(8, 24));
  return formatEnd(canonicalAddress(text) ?? text, port);
}

function wrong(message: string, cause?: unknown): SpliceError {
  return new SpliceError(
    'WRONG_SOCKET',
    message,
    "a socket as 'ss -tnp' shows it: its pid, its fd, and its own address first",
    cause,
  );
}
