/** A program in C that prints one line, and then keeps its sockets until it is told to end. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInCgroup } from './peers.ts';

export class Lasting implements AsyncDisposable {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /**
   * Compiles `NAME.c` beside this file and starts it in a cgroup.
   * @param folder where the compiled program goes; the caller removes it
   * @returns it, and what it printed: one object of JSON
   */
  static async start(
    cgroup: string,
    folder: string,
    name: string,
    ...argv: readonly string[]
  ): Promise<{ program: Lasting; said: Record<string, number> }> {
    const compiled = join(folder, name);
    execFileSync('clang', ['-O2', '-Wall', '-Werror', '-o', compiled, join(import.meta.dirname, `${name}.c`)]);
    const child = spawnInCgroup(cgroup, [compiled, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!child.stdout) throw new Error('no output');
    const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    return { program: new Lasting(child), said: JSON.parse(String(value)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#process, 'close');
    this.#process.stdin?.end();
    await gone;
  }
}
