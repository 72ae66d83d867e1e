/** One process of a run: started in a host and in a cgroup, asked over IPC, watched. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printable, SpliceError } from '../core/index.ts';
import { findIp, type Host } from './hosts.ts';
import { needTool } from './tools.ts';

const ANSWER_TIMEOUT_MS = 30_000;

/** What is kept of the standard output. */
const MOST_PRINTED = 1 << 18;

/** A constant text: what changes comes as arguments. The cgroup is joined before any socket exists. */
const JOIN_CGROUP = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';

/** Where a process belongs. */
export interface Place {
  host: Host;
  cgroup: string;
  /** A program in front of its own that sets how it is scheduled, like taskset(1); none by default. */
  scheduler?: readonly string[];
}

/**
 * The file of a program of ours: `service-a` beside src/demo/services.ts, or beside its compiled form.
 * @param url the `import.meta.url` of the file beside it
 */
export function programBeside(url: string, program: string): string {
  const own = fileURLToPath(url);
  return join(dirname(own), `${program}${extname(own)}`);
}

/** A running process. It dies with this process, however that ends. */
export class HostProcess {
  readonly name: string;
  /** Rejects with PROCESS_FAILED when the process ends before `stop`; never resolves. */
  readonly failed: Promise<never>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #printed = '';
  #said = '';
  #stopping = false;

  constructor(name: string, place: Place, program: readonly string[], ipc = false) {
    this.name = name;
    const command = [
      ...[needTool('setpriv', 'util-linux'), '--pdeathsig', 'KILL', '--'],
      ...(place.scheduler ?? []),
      ...[findIp(), 'netns', 'exec', place.host.namespace],
      ...program,
    ];
    this.#child = spawn('/bin/sh', ['-c', JOIN_CGROUP, 'sh', place.cgroup, ...command], {
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
      serialization: 'advanced',
      env: { PATH: process.env.PATH },
      cwd: '/',
      // In a session of its own, so that a Ctrl-C at the terminal is for the parent alone to answer.
      detached: true,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed = (this.#printed + text).slice(-MOST_PRINTED);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-4096);
    });
    const ended = Promise.withResolvers<number | null>();
    this.#ended = ended.promise;
    this.failed = new Promise((_, reject) => {
      this.#child.on('error', (error) => reject(this.#failure(error.message)));
      this.#child.once('close', (status, signal) => {
        ended.resolve(status);
        if (!this.#stopping) reject(this.#failure(this.#lastWords() || `exit ${signal ?? status}`));
      });
    });
    // It is for those who wait; when nobody waits yet the failure is not lost, and not fatal either.
    this.failed.catch(() => {});
  }

  /**
   * Starts a program of ours, which answers with answerQuestions().
   * @param program from programBeside()
   */
  static async node(name: string, place: Place, program: string, args: readonly string[]): Promise<HostProcess> {
    const started = new HostProcess(name, place, [process.execPath, program, ...args], true);
    await started.#answer();
    return started;
  }

  /** Sends a question to a program of ours and waits for its answer. */
  async ask<Answer>(question: unknown): Promise<Answer> {
    const answer = this.#answer<Answer>();
    this.#child.send(question as object);
    return await answer;
  }

  /** Waits until the process has printed a text on its standard output. */
  async printed(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (this.#printed.includes(text)) resolve();
    };
    this.#child.stdout?.on('data', look);
    look();
    try {
      await this.#inTime(promise);
    } finally {
      this.#child.stdout?.off('data', look);
    }
  }

  /**
   * Waits for a program that ends by itself.
   * @returns what it printed on its standard output
   * @throws SpliceError PROCESS_FAILED when it says that it failed, or is not over in time
   */
  async finished(timeoutMs: number): Promise<string> {
    const status = await this.#unlessLate(this.#ended, timeoutMs);
    if (status !== 0) throw this.#failure(this.#lastWords() || `exit ${status}`);
    return this.#printed;
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Halts the process, or lets it go on. */
  pause(paused: boolean): void {
    this.#child.kill(paused ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Ends the process, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #answer<Answer>(): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#child.once('message', resolve as (answer: unknown) => void);
    return await this.#inTime(promise);
  }

  async #inTime<Value>(promise: Promise<Value>): Promise<Value> {
    return await this.#unlessLate(Promise.race([promise, this.failed]), ANSWER_TIMEOUT_MS);
  }

  async #unlessLate<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#failure('it does not answer')), timeoutMs);
    try {
      return await Promise.race([promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #lastWords(): string {
    return printable(this.#said.trim().split('\n')[0] ?? '');
  }

  #failure(why: string): SpliceError {
    return new SpliceError(
      'PROCESS_FAILED',
      `the ${this.name} failed: ${why}`,
      'the same again; everything it made is removed',
    );
  }
}
