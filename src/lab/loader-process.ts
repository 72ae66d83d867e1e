/** The lab's side of loader.ts: a tool in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { programBeside } from '../host/host-process.ts';
import { labFailed } from './failure.ts';

export class LoaderProcess {
  readonly #child: ChildProcess;

  constructor(pin: string, cgroup: string, mode: string) {
    const file = programBeside(import.meta.url, 'loader');
    this.#child = spawn(process.execPath, [file, pin, cgroup, mode], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // In a session of its own: a Ctrl-C at the terminal is for the lab alone to answer.
      detached: true,
    });
  }

  /** Resolves when the splice is up. */
  async ready(): Promise<void> {
    const ended = Promise.withResolvers<never>();
    const onExit = () => ended.reject(labFailed('the process that loads the splice ended'));
    this.#child.once('exit', onExit);
    this.#child.once('error', ended.reject);
    try {
      await Promise.race([once(this.#child, 'message'), ended.promise]);
    } finally {
      this.#child.off('exit', onExit);
    }
  }

  /** Ends it with SIGKILL, and waits until it is gone. */
  async stop(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#child;
    if (exitCode !== null || signalCode !== null || pid === undefined) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
