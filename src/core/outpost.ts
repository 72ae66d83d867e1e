/**
 * What belongs to other processes is touched by a process of ours that may be lost. Any user can keep a caller
 * waiting in the kernel for as long as he likes: close(2) of the last descriptor of a socket with SO_LINGER,
 * the lock of a socket whose owner sends from memory that does not come, pidfd_getfd(2) of a process that
 * is kept in execve(2), the command line of one that is kept in mmap(2). Here nothing waits longer than
 * ANSWER_MS: no lock of ours is held, and no screen stands still, for it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readSync, writeSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type ErrorCode, SpliceError } from './errors.ts';
import { FAMILIES } from './family.ts';
import { KernelError } from './kernel-error.ts';
import { POLLIN, pipe, poll } from './libc.ts';
import type { PinnedMaps } from './pinned.ts';
import { type ProcessDetail, userOf } from './process.ts';

/** What it can be asked. `cookie`: only if the descriptor is the socket with it. */
export type Errand =
  /** Puts a socket into the sockhash; resolves to its cookie. Without `cookie` it is checked to be that of the key. */
  | { do: 'enter'; key: string; pid: number; fd: number; cookie?: string }
  /** Has the kernel tell the reader of a socket of what can be read: see wake-readers.ts. */
  | { do: 'wake'; pid: number; fd: number; cookie: string }
  /** Resolves to the cookie of a socket. */
  | { do: 'cookie'; pid: number; fd: number }
  | { do: 'look'; pid: number };

/** What it answers. After the `last` one it ends. */
export type Answer = { last?: true } & (
  | { value: string | ProcessDetail | null }
  | { kernel: { operation: string; errno: number } }
  | { splice: { code: ErrorCode; message: string; remedy: string } }
  | { unexpected: string }
);

/** The descriptors of the maps that it has from its parent: the sockhash and the endpoints of each family. */
export const FIRST_MAP_FD = 3;
/** Written by it when it is ready for the first errand. */
export const READY = 'ready\n';

const PROGRAM = join(import.meta.dirname, `outpost-child${extname(import.meta.filename)}`);

/** Our own program starts; a busy machine takes its time. */
const START_MS = 10_000;
/** What is asked takes microseconds. */
const ANSWER_MS = 500;
/** So many processes of ours may wait for what others do. */
const MOST_LOST = 4;
const MOST_ANSWER_BYTES = 1 << 16;
const NEWLINE = 10;
const ROOT = 0;

/** A question that got no answer in time: the other process keeps it waiting. */
export class NoAnswer extends Error {}

/**
 * Errands to other processes, run one by one; it can be used again after it was closed. A process that kept it
 * waiting is not asked again, nor are the others of its user.
 */
export class Outpost implements Disposable {
  readonly #maps: readonly number[];
  #line: Line | null = null;
  #lost = 0;
  /** Processes that kept us waiting, and users: whoever has one such process may have many. Root is no suspect. */
  readonly #processes = new Set<number>();
  readonly #users = new Set<number>();

  /** @param pinned whose maps sockets are put into; stays the caller's */
  constructor(pinned: Pick<PinnedMaps, 'fd'> | null = null) {
    this.#maps = pinned ? FAMILIES.flatMap(({ map, endpoints }) => [pinned.fd(map), pinned.fd(endpoints)]) : [];
  }

  /**
   * Puts a socket into the sockhash under a key; see enterSocket().
   * @returns its cookie
   * @throws NoAnswer; KernelError, SpliceError as duplicateDescriptor(), checkSocket() and enterSocket() do
   */
  enter(errand: Omit<Extract<Errand, { do: 'enter' }>, 'do'>): string {
    return this.#ask({ do: 'enter', ...errand }) as string;
  }

  /** @throws NoAnswer, KernelError */
  wake(errand: Omit<Extract<Errand, { do: 'wake' }>, 'do'>): void {
    this.#ask({ do: 'wake', ...errand });
  }

  /** The cookie of the socket behind a descriptor. @throws NoAnswer, KernelError */
  cookie(errand: Omit<Extract<Errand, { do: 'cookie' }>, 'do'>): string {
    return this.#ask({ do: 'cookie', ...errand }) as string;
  }

  /** See processDetail(). @throws NoAnswer, SpliceError NOT_PERMITTED */
  look(pid: number): ProcessDetail | null {
    return this.#ask({ do: 'look', pid }) as ProcessDetail | null;
  }

  /** Ends the process, without waiting for its end: what it holds is closed in the background. */
  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
    this.#line = null;
  }

  #ask(errand: Errand): string | ProcessDetail | null {
    if (this.#lost >= MOST_LOST || this.#avoids(errand.pid)) throw new NoAnswer(noAnswer(errand.pid));
    this.#line ??= new Line(this.#maps);
    const text = this.#line.ask(`${JSON.stringify(errand)}\n`);
    if (text === null) {
      this.#avoid(errand.pid);
      this[Symbol.dispose]();
      throw new NoAnswer(noAnswer(errand.pid));
    }
    const answer = JSON.parse(text) as Answer;
    if (answer.last) this[Symbol.dispose]();
    return unpack(answer);
  }

  #avoids(pid: number): boolean {
    if (this.#lost === 0) return false;
    return this.#processes.has(pid) || this.#users.has(userOf(pid) ?? ROOT);
  }

  #avoid(pid: number): void {
    this.#lost++;
    this.#processes.add(pid);
    const user = userOf(pid) ?? ROOT;
    if (user !== ROOT) this.#users.add(user);
  }
}

function noAnswer(pid: number): string {
  return `process ${pid} keeps whoever touches what is its own waiting`;
}

function unpack(answer: Answer): string | ProcessDetail | null {
  if ('value' in answer) return answer.value;
  if ('kernel' in answer) throw new KernelError(answer.kernel.operation, answer.kernel.errno);
  if ('splice' in answer) throw new SpliceError(answer.splice.code, answer.splice.message, answer.splice.remedy);
  throw new Error(answer.unexpected);
}

/** A running process, asked and answered over two pipes. */
class Line implements Disposable {
  readonly #child: ChildProcess;
  readonly #to: number;
  readonly #from: number;

  constructor(maps: readonly number[]) {
    const [questions, answers] = [pipe(), pipe()];
    const { env } = process;
    this.#to = questions.writing;
    this.#from = answers.reading;
    this.#child = spawn(process.execPath, [PROGRAM], {
      stdio: [questions.reading, answers.writing, 'ignore', ...maps],
      env: env.LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH: env.LD_LIBRARY_PATH },
      cwd: '/',
      // In a session of its own: a Ctrl-C at the terminal is for the parent alone to answer.
      detached: true,
    });
    closeSync(questions.reading);
    closeSync(answers.writing);
    this.#child.on('error', () => {});
    this.#child.unref();
    if (this.#read(START_MS) === READY) return;
    this[Symbol.dispose]();
    throw new SpliceError(
      'PROCESS_FAILED',
      `${PROGRAM}, which touches what belongs to other processes, does not start`,
      'again when the machine has memory, processes and descriptors to spare',
    );
  }

  /** Null when there is no answer in time. */
  ask(question: string): string | null {
    try {
      writeSync(this.#to, question);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return null;
      throw error;
    }
    return this.#read(ANSWER_MS);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
    closeSync(this.#to);
    closeSync(this.#from);
  }

  #read(withinMs: number): string | null {
    const deadline = performance.now() + withinMs;
    const bytes = Buffer.alloc(MOST_ANSWER_BYTES);
    for (let length = 0; length < bytes.length; ) {
      const left = Math.ceil(deadline - performance.now());
      if (left <= 0) return null;
      if (!isReadable(this.#from, left)) continue;
      const read = readSync(this.#from, bytes, length, bytes.length - length, null);
      if (read === 0) return null;
      length += read;
      if (bytes[length - 1] === NEWLINE) return bytes.toString('utf8', 0, length);
    }
    return null;
  }
}

/** Waits for input; false when it did not come, or the end of a child of ours interrupted it. */
function isReadable(fd: number, withinMs: number): boolean {
  try {
    return poll(fd, POLLIN, withinMs) !== 0;
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'EINTR') return false;
    throw error;
  }
}
