/** A child process with one connection of blocking sockets, inside a cgroup of the test's own. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInCgroup } from './peers.ts';

/** Steers the child; the client sends, the server receives. */
export class Blocking implements AsyncDisposable {
  /** What recv() calls gave so far, in the order in which they returned; null for an error. */
  readonly received: (string | null)[] = [];
  readonly #process: ChildProcess;
  readonly #answers: ((answer: { value?: unknown; error?: string }) => void)[] = [];

  constructor(cgroup: string) {
    const script = join(import.meta.dirname, 'blocking-child.ts');
    this.#process = spawnInCgroup(cgroup, [process.execPath, script], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#process.stdout) throw new Error('no output');
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { received?: string | null; value?: unknown; error?: string };
      if (said.received === undefined) this.#answers.shift()?.(said);
      else this.received.push(said.received);
    });
  }

  /** Opens the connection; the port of its server. */
  open(): Promise<number> {
    return this.#ask({ op: 'open' }) as Promise<number>;
  }

  /** From now on the server is the other end of a connection that somebody else made to its port. */
  accept(): Promise<unknown> {
    return this.#ask({ op: 'accept' });
  }

  send(text: string): Promise<unknown> {
    return this.#ask({ op: 'send', text });
  }

  /** Begins a recv() of `size` bytes; what it gives appears in `received`. */
  receive(size: number, waitAll = false): Promise<unknown> {
    return this.#ask({ op: 'receive', size, waitAll });
  }

  /** shutdown(SHUT_WR) of the client. */
  end(): Promise<unknown> {
    return this.#ask({ op: 'end' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await gone;
  }

  async #ask(command: object): Promise<unknown> {
    const answer = new Promise<{ value?: unknown; error?: string }>((resolve) => this.#answers.push(resolve));
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    const { value, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return value;
  }
}
