/** blocking-pair.c in a child process, inside a cgroup of the test's own. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInCgroup } from './peers.ts';

export class BlockingPair implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param folder where the compiled program goes; the caller removes it */
  constructor(cgroup: string, folder: string, way: 'echo' | 'sink') {
    const program = join(folder, 'blocking-pair');
    execFileSync('clang', ['-O1', '-Wall', '-Werror', '-o', program, join(import.meta.dirname, 'blocking-pair.c')]);
    this.#process = spawnInCgroup(cgroup, [program, way], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#process.stdout) throw new Error('no output');
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Sends a message to a reader that sleeps; resolves when it was read, and answered. */
  async send(): Promise<void> {
    this.#process.stdin?.write('\n');
    const { value } = await this.#lines.next();
    if (value !== 'read') throw new Error(`it says ${value}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#process, 'close');
    this.#process.stdin?.end();
    await gone;
  }
}
