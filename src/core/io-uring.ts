/** One request through an io_uring, for the doctor: no library is needed for it. */
import { closeSync } from 'node:fs';
import { ffi } from './ffi.ts';
import { KernelError } from './kernel-error.ts';
import { addressOf, check } from './libc.ts';

/** include/uapi/asm-generic/unistd.h; the same on every machine. */
const SYS_IO_URING_SETUP = 425;
const SYS_IO_URING_ENTER = 426;

/** include/uapi/linux/io_uring.h */
const IORING_OP_SEND_ZC = 47;
const IORING_OFF_SQ_RING = 0;
const IORING_OFF_SQES = 0x1000_0000;
const IORING_ENTER_GETEVENTS = 1;
const PARAMS_BYTES = 120;
const SQE_BYTES = 64;
const CQE_BYTES = 16;
const ENTRIES = 4;

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MSG_NOSIGNAL = 0x4000;

/**
 * IORING_OP_SEND_ZC of some bytes, which the socket is to send without a copy.
 * @returns how many were taken
 * @throws KernelError what the request failed with, or that there is no io_uring
 */
export function sendByRing(socket: number, bytes: Buffer): number {
  const library = ffi().load(null);
  const syscall = library.func(
    'long syscall(long number, long ring, long submit, long complete, long flags, void *signals, long size)',
  );
  const setup = library.func('long syscall(long number, long entries, _Inout_ void *parameters)');
  const map = library.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)');

  const parameters = Buffer.alloc(PARAMS_BYTES);
  const ring = check('io_uring_setup', setup(SYS_IO_URING_SETUP, ENTRIES, parameters));
  try {
    const at = (offset: number) => parameters.readUInt32LE(offset);
    const cqEntries = at(4);
    // struct io_sqring_offsets begins at 40, struct io_cqring_offsets at 80.
    const [sqTail, sqArray, cqTail, cqes] = [at(44), at(64), at(84), at(100)];
    // Both rings are in one mapping (IORING_FEAT_SINGLE_MMAP, Linux 5.4).
    const size = Math.max(sqArray + ENTRIES * 4, cqes + cqEntries * CQE_BYTES);
    const mapped = (length: number, offset: number) =>
      new DataView(ffi().view(map(null, length, PROT_READ_WRITE, MAP_SHARED, ring, offset), length));
    const rings = mapped(size, IORING_OFF_SQ_RING);
    const entry = mapped(ENTRIES * SQE_BYTES, IORING_OFF_SQES);

    entry.setUint8(0, IORING_OP_SEND_ZC);
    entry.setInt32(4, socket, true);
    entry.setBigUint64(16, addressOf(bytes), true);
    entry.setUint32(24, bytes.length, true);
    entry.setUint32(28, MSG_NOSIGNAL, true);
    rings.setUint32(sqArray, 0, true);
    rings.setUint32(sqTail, 1, true);
    check('io_uring_enter', syscall(SYS_IO_URING_ENTER, ring, 1, 1, IORING_ENTER_GETEVENTS, null, 0));
    if (rings.getUint32(cqTail, true) === 0) throw new Error('io_uring gave no answer');
    const result = rings.getInt32(cqes + 8, true);
    if (result < 0) throw new KernelError('send_zc', -result);
    return result;
  } finally {
    closeSync(ring);
  }
}
