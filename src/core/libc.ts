/**
 * The calls of libc that Node.js does not have: sockets that block and take flags. What is here works on
 * machines without libbpf. Every failure is a KernelError.
 */
import { promisify } from 'node:util';
import { ffi } from './ffi.ts';
import { KernelError } from './kernel-error.ts';

/** include/linux/socket.h */
export const MSG = {
  OOB: 0x1,
  PEEK: 0x2,
  DONTWAIT: 0x40,
  WAITALL: 0x100,
  ERRQUEUE: 0x2000,
  NOSIGNAL: 0x4000,
  MORE: 0x8000,
  ZEROCOPY: 0x400_0000,
} as const;

/** include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h: the level, and the option's number. */
export const OPTION = {
  LINGER: [1, 13],
  RCVLOWAT: [1, 18],
  TIMESTAMP: [1, 29],
  TIMESTAMPING: [1, 37],
  PEEK_OFF: [1, 42],
  MEMINFO: [1, 55],
  COOKIE: [1, 57],
  ZEROCOPY: [1, 60],
  TCP_NODELAY: [6, 1],
  TCP_SYNCNT: [6, 7],
  TCP_INFO: [6, 11],
  TCP_ULP: [6, 31],
  TCP_ZEROCOPY_RECEIVE: [6, 35],
  TCP_INQ: [6, 36],
  TLS_TX: [282, 1],
  TLS_RX: [282, 2],
} as const;

/** include/uapi/asm-generic/ioctls.h: bytes to read; bytes sent and not acknowledged. */
export const FIONREAD = 0x541b;
export const SIOCOUTQ = 0x5411;

/** include/uapi/asm-generic/poll.h */
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLERR = 0x8;

const FIONBIO = 0x5421;
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 0x8_0001;
const O_CLOEXEC = 0x8_0000;
const SHUT_WR = 1;
const CLONE_NEWNS = 0x2_0000;
const MS_REC = 0x4000;
const MS_PRIVATE = 0x4_0000;
const LOOPBACK = 0x7f00_0001;
const ADDRESS_BYTES = 16;
/** include/uapi/linux/socket.h, struct sockaddr_storage: an address of any family fits. */
const SOCKADDR_BYTES = 128;

type Option = (typeof OPTION)[keyof typeof OPTION];

// Built at the first call, so that importing this file costs nothing.
let functions: ReturnType<typeof bindLibc> | undefined;

function libc(): ReturnType<typeof bindLibc> {
  functions ??= bindLibc();
  return functions;
}

function bindLibc() {
  const library = ffi().load(null);
  return {
    socket: library.func('int socket(int family, int type, int protocol)'),
    bind: library.func('int bind(int fd, const void *address, uint32_t length)'),
    listen: library.func('int listen(int fd, int backlog)'),
    connect: library.func('int connect(int fd, const void *address, uint32_t length)'),
    accept: library.func('int accept4(int fd, void *address, void *length, int flags)'),
    name: library.func('int getsockname(int fd, _Out_ void *address, _Inout_ uint32_t *length)'),
    peerName: library.func('int getpeername(int fd, _Out_ void *address, _Inout_ uint32_t *length)'),
    setOption: library.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    option: library.func('int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ uint32_t *length)'),
    send: library.func('long send(int fd, const void *bytes, size_t length, int flags)'),
    receive: library.func('long recv(int fd, _Out_ void *bytes, size_t length, int flags)'),
    shutdown: library.func('int shutdown(int fd, int how)'),
    poll: library.func('int poll(_Inout_ void *sets, unsigned long count, int timeout)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, _Inout_ int *value)'),
    pipe: library.func('int pipe2(_Out_ int *ends, int flags)'),
    unshare: library.func('int unshare(int flags)'),
    mount: library.func(
      'int mount(const char *source, const char *target, void *type, unsigned long flags, void *data)',
    ),
    bpf: library.func('long syscall(long number, int command, void *attributes, unsigned int size)'),
  };
}

/**
 * What a call of libc returned.
 * @throws KernelError with errno, when that says that it failed */
export function check(operation: string, result: number | bigint): number {
  if (result < 0) throw new KernelError(operation, ffi().errno());
  return Number(result);
}

/** A TCP socket over IPv4; the caller closes it with closeSync(). */
export function tcpSocket(): number {
  return check('socket', libc().socket(AF_INET, SOCK_STREAM_CLOEXEC, 0));
}

/** Binds a socket to a free port of 127.0.0.1 and listens; returns the port. */
export function listenOnLoopback(fd: number): number {
  const address = loopback(0);
  check('bind', libc().bind(fd, address, address.length));
  check('listen', libc().listen(fd, 16));
  check('getsockname', libc().name(fd, address, [address.length]));
  return address.readUInt16BE(2);
}

/** Connects a socket to a port of 127.0.0.1. */
export function connectToLoopback(fd: number, port: number): void {
  check('connect', libc().connect(fd, loopback(port), ADDRESS_BYTES));
}

/** Ends the connection of a socket, which can then be used for another: connect(2), AF_UNSPEC. */
export function disconnect(fd: number): void {
  check('disconnect', libc().connect(fd, Buffer.alloc(ADDRESS_BYTES), ADDRESS_BYTES));
}

/** The next connection of a listening socket; waits for it. */
export function accept(fd: number): number {
  return check('accept', libc().accept(fd, null, null, O_CLOEXEC));
}

/** send(2), without SIGPIPE; returns how many bytes were taken. */
export function send(fd: number, bytes: Uint8Array, flags = 0): number {
  return check('send', libc().send(fd, bytes, bytes.length, flags | MSG.NOSIGNAL));
}

/** recv(2), which blocks unless told otherwise: what one call gave, nothing at the end of the stream. */
export function receive(fd: number, size: number, flags = 0): Buffer {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, check('recv', libc().receive(fd, bytes, size, flags)));
}

/**
 * recv(2) in a thread of its own, so that this one can go on. It fills `bytes`.
 * @returns how many bytes it returned, -1 for an error
 */
export async function receiveAside(fd: number, bytes: Buffer, flags = 0): Promise<number> {
  return Number(await promisify(libc().receive.async)(fd, bytes, bytes.length, flags));
}

/** shutdown(2) of the sending half: the peer reads to the end of the stream. */
export function endSending(fd: number): void {
  check('shutdown', libc().shutdown(fd, SHUT_WR));
}

/** poll(2) for one descriptor: the events that came in time, 0 when none did. */
export function poll(fd: number, events: number, timeoutMs: number): number {
  const set = Buffer.alloc(8);
  set.writeInt32LE(fd, 0);
  set.writeInt16LE(events, 4);
  check('poll', libc().poll(set, 1, timeoutMs));
  return set.readInt16LE(6);
}

/** A number that ioctl(2) tells of a socket: FIONREAD, SIOCOUTQ. */
export function askSocket(fd: number, request: number): number {
  const value = [0];
  check('ioctl', libc().ioctl(fd, request, value));
  return value[0] as number;
}

/** Makes every call on a socket return at once. */
export function dontBlock(fd: number): void {
  check('ioctl', libc().ioctl(fd, FIONBIO, [1]));
}

/**
 * setsockopt(2) of an option that is an int, or of another one in its bytes.
 * @throws KernelError
 */
export function setOption(fd: number, [level, name]: Option, value: number | Uint8Array): void {
  const bytes = typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : value;
  check('setsockopt', libc().setOption(fd, level, name, bytes, bytes.length));
}

/** An option's value as the kernel wrote it. */
export function getOption(fd: number, [level, name]: Option): Buffer {
  const value = Buffer.alloc(512);
  const length: [number] = [value.length];
  check('getsockopt', libc().option(fd, level, name, value, length));
  return value.subarray(0, length[0]);
}

/** A pipe's reading and writing end. */
export function pipe(): { reading: number; writing: number } {
  const ends = Buffer.alloc(8);
  check('pipe', libc().pipe(ends, O_CLOEXEC));
  return { reading: ends.readInt32LE(0), writing: ends.readInt32LE(4) };
}

/** `struct sockaddr_in` or `struct sockaddr_in6` of a socket's own end, and of its peer end. */
export function socketNames(fd: number): { own: Buffer; peer: Buffer } {
  const [own, peer] = [Buffer.alloc(SOCKADDR_BYTES), Buffer.alloc(SOCKADDR_BYTES)];
  check('getsockname', libc().name(fd, own, [own.length]));
  check('getpeername', libc().peerName(fd, peer, [peer.length]));
  return { own, peer };
}

/** From now on what this process mounts is seen by it and by its children alone, and goes with them. */
export function keepMountsPrivate(): void {
  check('unshare', libc().unshare(CLONE_NEWNS));
  check('make mounts private', libc().mount('none', '/', null, MS_REC | MS_PRIVATE, null));
}

/** arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h for those that came after. */
const SYS_BPF = process.arch === 'x64' ? 321 : 280;

/** bpf(2), past libbpf: `attributes` is the command's part of `union bpf_attr`. */
export function bpf(operation: string, command: number, attributes: Uint8Array): number {
  return check(operation, libc().bpf(SYS_BPF, command, attributes, attributes.length));
}

/** Where a buffer lies, for a pointer inside `attributes`; keep the buffer until the call is over. */
export function addressOf(bytes: Uint8Array): bigint {
  return ffi().address(bytes);
}

function loopback(port: number): Buffer {
  const address = Buffer.alloc(ADDRESS_BYTES);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  address.writeUInt32BE(LOOPBACK, 4);
  return address;
}
