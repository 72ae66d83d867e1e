/** Options of TCP sockets that Node.js does not have. */
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

/** include/uapi/asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
/** include/uapi/linux/tcp.h */
const SOL_TCP = 6;
const TCP_ULP = 31;

const SET = 'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)';

/**
 * Sets a socket's receive buffer, in bytes, and returns what the kernel made of it. It may be larger than
 * net.core.rmem_max, which is 208 KiB by default before Linux 6.18.
 */
export function setReceiveBuffer(fd: number, bytes: number): number {
  const libc = koffi.load(null);
  const set = libc.func(SET);
  const get = libc.func('int getsockopt(int fd, int level, int name, _Out_ int *value, _Inout_ uint32_t *length)');
  const value = Int32Array.of(bytes);
  if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, new Uint8Array(value.buffer), 4) !== 0) {
    throw new Error(`setsockopt: errno ${koffi.errno()}`);
  }
  const made = [0];
  if (get(fd, SOL_SOCKET, SO_RCVBUF, made, [4]) !== 0) throw new Error(`getsockopt: errno ${koffi.errno()}`);
  return made[0] as number;
}

/** Asks for a layer above TCP, kTLS for instance; the name of the error, or null. */
export function setLayer(fd: number, name: string): string | null {
  const set = koffi.load(null).func(SET);
  return set(fd, SOL_TCP, TCP_ULP, Buffer.from(name), name.length) === 0 ? null : getSystemErrorName(-koffi.errno());
}
