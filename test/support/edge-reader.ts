/** edge-reader.c in a child process, inside a cgroup of the test's own. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInCgroup } from './peers.ts';

export class EdgeReader implements AsyncDisposable {
  /** How many bytes it has read so far. */
  total = 0;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /**
   * @param folder where the compiled program goes; the caller removes it
   * @param way who tells it
   */
  constructor(cgroup: string, folder: string, way: 'epoll' | 'sigio' | 'uring' = 'epoll') {
    const program = join(folder, 'edge-reader');
    execFileSync('clang', ['-O1', '-Wall', '-Werror', '-o', program, join(import.meta.dirname, 'edge-reader.c')]);
    this.#process = spawnInCgroup(cgroup, [program, way], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#process.stdout) throw new Error('no output');
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** The port that it listens on; it takes one connection. */
  async port(): Promise<number> {
    return Number((await this.#lines.next()).value);
  }

  /** Resolves when it has accepted, and epoll watches its socket. */
  async watching(): Promise<void> {
    await this.#lines.next();
  }

  /**
   * Lets it read from now on; `total` follows.
   * @param closes whether it ends its own direction first
   */
  begin(closes = false): void {
    this.#process.stdin?.write(closes ? 's' : '\n');
    void this.#follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  async #follow(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) return;
      this.total = Number(value);
    }
  }
}
