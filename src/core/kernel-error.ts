/** What a system call or libbpf answers when it fails. */
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

/** A call to the kernel, or to libbpf, that failed. `name` of the errno: EPERM, ENOENT, … */
export class KernelError extends Error {
  /** What was tried. */
  readonly operation: string;
  readonly errno: number;
  readonly errnoName: string;
  /** What libbpf said meanwhile, the verifier's log included. */
  readonly log: string;

  constructor(operation: string, errno: number, log = '') {
    const name = errnoNameOf(errno);
    super(`${operation}: ${name} (${getSystemErrorMessage(-errno) ?? 'unknown error'})`);
    this.name = 'KernelError';
    this.operation = operation;
    this.errno = errno;
    this.errnoName = name;
    this.log = log;
  }
}

function errnoNameOf(errno: number): string {
  // Node.js says ENOTSUP, which is the same number; the manual pages of sockets say this.
  if (errno === 95) return 'EOPNOTSUPP';
  try {
    return getSystemErrorName(-errno);
  } catch {
    return errno === 524 ? 'ENOTSUPP' : `errno ${errno}`;
  }
}
