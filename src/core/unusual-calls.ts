/**
 * Calls of libc that only the doctor makes, to see how a socket answers them. Like libc.ts it needs no
 * libbpf, and every failure is a KernelError.
 */
import { ffi } from './ffi.ts';
import { addressOf, check } from './libc.ts';

const SOL_SOCKET = 1;
const SO_LINGER = 13;
const MSG_TRUNC = 0x20;
const MSG_NOSIGNAL = 0x4000;
const CLONE_NEWNET = 0x4000_0000;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const SPLICE_F_NONBLOCK = 2;
const SIGALRM = 14;
/** No process has a page there (/proc/sys/vm/mmap_min_addr). */
const NOWHERE = 8n;

/** What the kernel tells beside the bytes of a message: `struct cmsghdr` and what follows it. */
interface Control {
  level: number;
  type: number;
  data: Buffer;
}

// Built at the first call, so that importing this file costs nothing.
let functions: ReturnType<typeof bind> | undefined;

function call(): ReturnType<typeof bind> {
  functions ??= bind();
  return functions;
}

function bind() {
  const library = ffi().load(null);
  return {
    send: library.func('long send(int fd, uintptr_t bytes, size_t length, int flags)'),
    receive: library.func('long recv(int fd, void *bytes, size_t length, int flags)'),
    receiveMessage: library.func('long recvmsg(int fd, _Inout_ void *message, int flags)'),
    setOption: library.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    option: library.func('int getsockopt(int fd, int level, int name, _Inout_ void *value, _Inout_ uint32_t *length)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, const void *value)'),
    splice: library.func('long splice(int from, void *o1, int to, void *o2, size_t length, unsigned int flags)'),
    signal: library.func('void *signal(int number, void *handler)'),
    interrupt: library.func('int siginterrupt(int number, int flag)'),
    timer: library.func('int setitimer(int which, const void *value, void *old)'),
    harmless: library.symbol('abs') as unknown,
    unshare: library.func('int unshare(int flags)'),
  };
}

/** send(2) of bytes that are nowhere. */
export function sendFromNowhere(fd: number, size: number): number {
  return check('send', call().send(fd, NOWHERE, size, MSG_NOSIGNAL));
}

/** recv(2) without a buffer: TCP throws the bytes away, and says how many. */
export function discard(fd: number, size: number): number {
  return check('recv', call().receive(fd, null, size, MSG_TRUNC));
}

/** recvmsg(2): how many bytes came, and what else was told of them. */
export function receiveMessage(fd: number, size: number): { length: number; controls: Control[] } {
  const [bytes, control] = [Buffer.alloc(size), Buffer.alloc(512)];
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(addressOf(bytes), 0);
  vector.writeBigUInt64LE(BigInt(size), 8);
  // include/linux/socket.h: struct user_msghdr
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(addressOf(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  const length = check('recvmsg', call().receiveMessage(fd, message, 0));
  return { length, controls: [...controlsIn(control.subarray(0, Number(message.readBigUInt64LE(40))))] };
}

function* controlsIn(bytes: Buffer): Generator<Control> {
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    yield {
      level: bytes.readInt32LE(at + 8),
      type: bytes.readInt32LE(at + 12),
      data: bytes.subarray(at + 16, at + length),
    };
    at += Math.ceil(length / 8) * 8;
  }
}

/** getsockopt(2) of an option that reads its buffer, and fills it. */
export function exchangeOption(fd: number, [level, name]: readonly [number, number], value: Buffer): void {
  check('getsockopt', call().option(fd, level, name, value, [value.length]));
}

/** From now on close(2) of this socket resets its connection. */
export function resetOnClose(fd: number): void {
  const linger = new Uint8Array(Int32Array.of(1, 0).buffer);
  check('setsockopt', call().setOption(fd, SOL_SOCKET, SO_LINGER, linger, linger.length));
}

/** From now on this process has a network of its own, which goes with it: a loopback interface that is down. */
export function leaveNetwork(): void {
  check('unshare', call().unshare(CLONE_NEWNET));
}

/** Takes the loopback interface of the network of a socket up or down. */
export function setLoopback(fd: number, up: boolean): void {
  // include/uapi/linux/if.h: struct ifreq
  const request = Buffer.alloc(40);
  request.write('lo');
  request.writeInt16LE(up ? IFF_UP : 0, 16);
  check('ioctl', call().ioctl(fd, SIOCSIFFLAGS, request));
}

/** splice(2), which waits for a socket that blocks: how many bytes it moved. */
export function splice(from: number, to: number, size: number): number {
  return check('splice', call().splice(from, null, to, null, size, SPLICE_F_NONBLOCK));
}

/** From now on a signal with a handler that does nothing interrupts this process again and again. */
export function interruptEvery(milliseconds: number): void {
  const { signal, interrupt, timer, harmless } = call();
  // A handler must not be JavaScript: abs(3) takes a number, and does nothing with it.
  signal(SIGALRM, harmless);
  check('siginterrupt', interrupt(SIGALRM, 1));
  const microseconds = BigInt(milliseconds) * 1000n;
  const value = BigInt64Array.of(...split(microseconds), ...split(microseconds));
  check('setitimer', timer(0, new Uint8Array(value.buffer), null));
}

/** Seconds and microseconds, as `struct timeval` has them. */
function split(microseconds: bigint): [bigint, bigint] {
  return [microseconds / 1_000_000n, microseconds % 1_000_000n];
}
