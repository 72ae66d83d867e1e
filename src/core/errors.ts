/** What every error of ours says: a stable code, what happened, and what to try. */
import { printableLines } from './printable.ts';
import { outOfResources } from './resources.ts';

/**
 * The codes and the exit status each one leads to: 1 it could not be done, 2 wrong usage,
 * 3 this machine or user cannot.
 */
const EXIT_STATUS = {
  ALREADY_UP: 1,
  BAD_FILTER: 2,
  BAD_KEY: 2,
  BAD_MODE: 2,
  BAD_OPTION: 2,
  BAD_RECORDING: 1,
  BENCH_FAILED: 1,
  BUSY: 1,
  FILE_NOT_READ: 1,
  FILE_NOT_WRITTEN: 1,
  HALF_DONE: 1,
  INTERRUPTED: 1,
  KERNEL_REFUSED: 3,
  LAB_FAILED: 1,
  MAP_CROWDED: 1,
  NODE_TOO_OLD: 3,
  NOT_A_TERMINAL: 2,
  NOT_DRAINED: 1,
  NOT_LOADED: 1,
  NOT_LOSSLESS: 1,
  NOT_PERMITTED: 3,
  NOT_UNDONE: 1,
  NO_BPFFS: 3,
  NO_CGROUP2: 3,
  NO_ENTRY: 1,
  NO_LIBBPF: 3,
  NO_OBJECT: 3,
  NO_RESOURCES: 1,
  NO_SUCH_CGROUP: 1,
  NO_SUCH_SOCKET: 1,
  NO_SYMBOLS: 3,
  PIN_OCCUPIED: 1,
  PRIVATE_BPFFS: 3,
  PROCESS_FAILED: 1,
  READ_ONLY: 3,
  RECORDED: 1,
  ROOT_CGROUP: 1,
  SCRIPT: 1,
  SOCKET_BUSY: 1,
  TOOL_FAILED: 1,
  TOOL_MISSING: 3,
  TOO_MANY_READERS: 1,
  VERIFIER: 3,
  WRONG_SOCKET: 1,
} as const;

/** What `error[CODE]` can say; each has an exit status. */
export type ErrorCode = keyof typeof EXIT_STATUS;

/**
 * An error a user can act on. Anything else that is thrown is a defect of ours. Whatever names are in it, it can be
 * printed.
 */
export class SpliceError extends Error {
  readonly code: ErrorCode;
  /** What to try, one line without a full stop. */
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, cause?: unknown) {
    super(printableLines(message), cause === undefined ? undefined : { cause });
    this.name = 'SpliceError';
    this.code = code;
    this.remedy = printableLines(remedy);
  }

  get exitStatus(): 1 | 2 | 3 {
    return EXIT_STATUS[this.code];
  }
}

/** An error in a text that a user wrote, such as a key or a filter, and where in it. */
export class InputError extends SpliceError {
  /** What the user wrote. */
  readonly text: string;
  /** Where the bad part begins in it, and how many characters it has; what is missing has one. */
  readonly position: number;
  readonly length: number;

  constructor(
    code: ErrorCode,
    message: string,
    remedy: string,
    { text, position, length }: { text: string; position: number; length: number },
  ) {
    super(code, message, remedy);
    this.text = text;
    this.position = position;
    this.length = length;
  }
}

/**
 * The error for what root may do and this user may not, or for what is kept from this root, too.
 * @param remedy in place of the one for a user who lacks privileges
 */
export function notPermitted(
  message: string,
  { remedy, cause }: { remedy?: string; cause?: unknown } = {},
): SpliceError {
  const more =
    process.geteuid?.() === 0
      ? 'run it as root with all of its capabilities, outside of a container'
      : 'run it again with sudo';
  return new SpliceError('NOT_PERMITTED', message, remedy ?? more, cause);
}

/**
 * The text for stderr: `error[CODE]: what happened` and a line `try: …`; with DEBUG=splice in the
 * environment the stack follows.
 */
export function formatError(error: unknown, env: NodeJS.ProcessEnv = process.env): string {
  const debug = (env.DEBUG ?? '').split(',').includes('splice');
  const stack = debug && error instanceof Error && error.stack ? `\n${printableLines(error.stack)}` : '';
  const known = error instanceof SpliceError ? error : outOfResources(error, messageOf(error));
  if (known !== null) return `error[${known.code}]: ${known.message}\ntry: ${known.remedy}${stack}`;
  return `error[UNEXPECTED]: ${messageOf(error)}\ntry: run it again with DEBUG=splice, and report what it prints${stack}`;
}

function messageOf(error: unknown): string {
  return printableLines(error instanceof Error ? error.message : String(error));
}

/** The exit status for any thrown value. */
export function exitStatusOf(error: unknown): 1 | 2 | 3 {
  return error instanceof SpliceError ? error.exitStatus : 1;
}
