/** reader.c in a child process, inside a cgroup of the test's own. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnInCgroup } from './peers.ts';

/**
 * Nothing is heard for so many looks in a row, at each of which no process has, or waits for, a CPU: it is
 * stuck. However it be, it is after so many looks in all.
 */
const LOOKS = 25;
const MOST_LOOKS = 200;
const LOOK_MS = 100;

/** @param folder where the compiled program goes; the caller removes it */
export function compileReader(folder: string): string {
  const program = join(folder, 'reader');
  execFileSync('clang', ['-O1', '-Wall', '-Werror', '-o', program, join(import.meta.dirname, 'reader.c')]);
  return program;
}

/** The names of all ways to read. */
export function waysOf(program: string): string[] {
  return execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
}

/** Steers the two processes: one sends, the other reads. */
export class Reader implements AsyncDisposable {
  /** How many bytes were sent, and how many of them were read. */
  sent = 0;
  total = 0;
  /** What it saw that TCP would not show it, or null. */
  complaint: string | null = null;
  ended = false;
  readonly #cgroup: string;
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #changed = Promise.withResolvers<void>();

  private constructor(cgroup: string, program: string, way: string) {
    this.#cgroup = cgroup;
    this.#process = spawnInCgroup(cgroup, [program, way], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#closed = once(this.#process, 'close');
    this.#process.stdin?.on('error', () => {});
    if (!this.#process.stdout) throw new Error('no output');
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#hear(line));
  }

  /** Resolves when it is connected. */
  static async start(cgroup: string, program: string, way: string): Promise<Reader> {
    const reader = new Reader(cgroup, program, way);
    await reader.#changed.promise;
    return reader;
  }

  send(count: number, size: number): void {
    this.sent += count * size;
    this.#say(`send ${count} ${size}`);
  }

  /** `pause`: it ends its wait, and does not read; `busy`: it ends its read, and does not wait; `resume`. */
  be(state: 'pause' | 'busy' | 'resume'): void {
    this.#say(state);
  }

  /** Ends the stream. */
  close(): void {
    this.#say('close');
  }

  /** Waits until all that was sent is read: null, or what is wrong, as a word or two. */
  async allRead(): Promise<string | null> {
    return this.#until(() => this.total >= this.sent);
  }

  /** The same for the end of the stream. */
  async endRead(): Promise<string | null> {
    return (await this.#until(() => this.ended)) ?? (this.total === this.sent ? null : 'bytes lost');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#closed;
  }

  async #until(condition: () => boolean): Promise<string | null> {
    while (!condition()) {
      if (this.complaint !== null) return this.complaint;
      if (this.ended) return 'bytes lost';
      if (!(await this.#change())) return 'stuck';
    }
    return null;
  }

  /** Whether anything is heard before it counts as stuck, on however busy a machine. */
  async #change(): Promise<boolean> {
    let changed = false;
    const change = this.#changed.promise.then(() => {
      changed = true;
    });
    for (let quiet = 0, all = 0; quiet < LOOKS && all < MOST_LOOKS && !changed; quiet++, all++) {
      await Promise.race([change, sleep(LOOK_MS)]);
      if (this.#isRunnable()) quiet = 0;
    }
    return changed;
  }

  #isRunnable(): boolean {
    const pids = readFileSync(join(this.#cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    return pids.some((pid) => {
      try {
        return / R /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return false; // It has ended.
      }
    });
  }

  #say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  #hear(line: string): void {
    const [word, ...rest] = line.split(' ');
    if (word === 'total') this.total = Number(rest[0]);
    if (word === 'end') this.ended = true;
    if (word === 'complaint') this.complaint = rest.join(' ');
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
