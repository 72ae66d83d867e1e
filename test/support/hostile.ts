/** hostile.c in a child process: a neighbour that wants to keep others waiting. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInCgroup } from './peers.ts';

/** Anybody but root. */
const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

export class Hostile implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /**
   * @param folder where the compiled program goes; the caller removes it
   * @param how what it does: see hostile.c
   * @param asRoot for what an ordinary user would need a file system of his own for
   */
  constructor(cgroup: string, folder: string, how: readonly string[], { asRoot = false } = {}) {
    const program = join(folder, 'hostile');
    const source = join(import.meta.dirname, 'hostile.c');
    execFileSync('clang', ['-O1', '-Wall', '-Werror', '-pthread', '-o', program, source]);
    const argv = [...(asRoot ? [] : NOBODY), program, ...how];
    this.#process = spawnInCgroup(cgroup, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#process.stdout) throw new Error('no output');
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The numbers of its next line. */
  async said(): Promise<number[]> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the hostile neighbour ended');
    return value.split(' ').slice(1).map(Number);
  }

  /** Lets it go on. */
  begin(): void {
    this.#process.stdin?.write('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
