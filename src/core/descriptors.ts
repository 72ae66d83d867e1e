/**
 * What Node.js cannot do with descriptors and processes: lock a directory, duplicate descriptors of other
 * processes, end with one's parent.
 * Besides libbpf.ts and libc.ts the only file that calls foreign functions. Every failure is a KernelError.
 */
import { closeSync } from 'node:fs';
import { ffi } from './ffi.ts';
import { KernelError } from './kernel-error.ts';

/** include/uapi/asm-generic/unistd.h: the same on every architecture that came after it. */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;

/** include/uapi/linux/prctl.h */
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

const LOCK_EX = 2;
const LOCK_NB = 4;

// Built at the first call, so that importing this file costs nothing.
let functions: ReturnType<typeof bind> | undefined;

function call(): ReturnType<typeof bind> {
  functions ??= bind();
  return functions;
}

function bind() {
  const libc = ffi().load(null);
  return {
    flock: libc.func('int flock(int fd, int operation)'),
    syscall: libc.func('long syscall(long number, long a, long b, long c)'),
    prctl: libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)'),
  };
}

/** Takes the exclusive flock(2) of an open directory; false when another process has it. */
export function tryLock(fd: number): boolean {
  if (call().flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
  const error = new KernelError('lock', ffi().errno());
  if (error.errnoName === 'EAGAIN') return false;
  throw error;
}

/** From now on the kernel ends this process when the one that started it ends. */
export function endWithParent(): void {
  if (call().prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) throw new KernelError('prctl', ffi().errno());
}

/**
 * A duplicate of another process's descriptor (pidfd_getfd(2)); the caller closes it. Either may wait for as
 * long as the other process likes: see outpost.ts, which alone may call this.
 */
export function duplicateDescriptor(pid: number, fd: number): number {
  const process = check(`open process ${pid}`, SYS_PIDFD_OPEN, pid, 0);
  try {
    return check(`get descriptor ${fd} of process ${pid}`, SYS_PIDFD_GETFD, process, fd);
  } finally {
    closeSync(process);
  }
}

function check(operation: string, number: number, a: number, b: number): number {
  const result = Number(call().syscall(number, a, b, 0));
  if (result < 0) throw new KernelError(operation, ffi().errno());
  return result;
}
