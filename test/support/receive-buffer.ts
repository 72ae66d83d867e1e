/** SO_RCVBUF, which Node.js has for UDP only. */
import koffi from 'koffi';

/** include/uapi/asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;

/**
 * Sets a socket's receive buffer, in bytes, and returns what the kernel made of it. It may be larger than
 * net.core.rmem_max, which is 208 KiB by default before Linux 6.18.
 */
export function setReceiveBuffer(fd: number, bytes: number): number {
  const libc = koffi.load(null);
  const set = libc.func('int setsockopt(int fd, int level, int name, const int *value, uint32_t length)');
  const get = libc.func('int getsockopt(int fd, int level, int name, _Out_ int *value, _Inout_ uint32_t *length)');
  const value = [bytes];
  if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, value, 4) !== 0) throw new Error(`setsockopt: errno ${koffi.errno()}`);
  if (get(fd, SOL_SOCKET, SO_RCVBUF, value, [4]) !== 0) throw new Error(`getsockopt: errno ${koffi.errno()}`);
  return value[0] as number;
}
