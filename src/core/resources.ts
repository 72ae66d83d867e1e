/** What the machine or this process has run out of: nobody's fault, and no defect of ours. */
import { listNames, MOST_NAMES, MOST_OF_PROC, readText } from './bounded-file.ts';
import { SpliceError } from './errors.ts';

/** What an error number says, and what to do about it. */
type Reasons = Readonly<Record<string, readonly [what: string, remedy: string]>>;

const SHORT: Reasons = {
  EMFILE: ['this process has as many files open as it may', "raise the limit with 'ulimit -n 4096', and run it again"],
  ENFILE: [
    'this machine has as many files open as it may',
    "raise the limit with 'sysctl fs.file-max', which also shows it",
  ],
  ENOMEM: [
    'there is not enough memory',
    'free memory, raise memory.max of the cgroup that this runs in, or ask for less with --max-entries N',
  ],
};

/** kernel/bpf/verifier.c gives up when a signal is pending. */
const INTERRUPTED: Reasons = {
  EAGAIN: ['the kernel was interrupted by a signal', 'run it again'],
  EINTR: ['the kernel was interrupted by a signal', 'run it again'],
};

/**
 * The SpliceError NO_RESOURCES for an error that says that something ran out; null for any other.
 * @param during what was being done, as in `loading guarded.bpf.o`
 */
export function outOfResources(error: unknown, during: string): SpliceError | null {
  return explain(error, during, SHORT);
}

/** The same for a call that loads programs, which a signal may end, too. */
export function cutShort(error: unknown, during: string): SpliceError | null {
  return explain(error, during, { ...SHORT, ...INTERRUPTED });
}

/**
 * Makes sure that an object can be loaded without running out of descriptors. libbpf tries what the kernel
 * can do, takes EMFILE for a no, and the verifier then complains of something else.
 * @param needed how many descriptors the load may take
 * @throws SpliceError NO_RESOURCES
 */
export function requireDescriptors(needed: number, during: string): void {
  const soft = /^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits', MOST_OF_PROC))?.[1];
  if (soft === undefined || listNames('/proc/self/fd', MOST_NAMES).length + needed <= Number(soft)) return;
  const [what, remedy] = SHORT.EMFILE as readonly [string, string];
  throw new SpliceError('NO_RESOURCES', `${what} (a limit of ${soft}): ${during}`, remedy);
}

function explain(error: unknown, during: string, reasons: Reasons): SpliceError | null {
  if (error instanceof SpliceError || !(error instanceof Error)) return null;
  const name = nameOf(error);
  const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined;
  if (reason === undefined) return null;
  const [what, remedy] = reason;
  return new SpliceError('NO_RESOURCES', `${what} (${name}): ${during}`, remedy, error);
}

/** The error number's name, of a KernelError or an error of Node.js; dlopen(3) says it in words. */
function nameOf(error: Error): string {
  const { errnoName, code } = error as { errnoName?: unknown; code?: unknown };
  return error.message.endsWith('Too many open files') ? 'EMFILE' : String(errnoName ?? code);
}
