/** splice-repl as a user runs it, with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Screen, type ScreenOptions } from '../tui/screen.ts';

export const BIN = join(import.meta.dirname, '../../bin/splice-repl.js');
export const KEY = '10.0.0.1:5000->10.0.0.2:80';
export const REVERSE = '10.0.0.2:80->10.0.0.1:5000';
/** Options for where nothing is loaded. */
export const NOTHING = ['--pin', `/sys/fs/bpf/splice-test-none-${process.pid}`];
export const PROMPT = 'splice> ';
export const [TAB, CTRL_C, CTRL_D, UP] = ['\t', '\x03', '\x04', '\x1b[A'];

export interface Result {
  out: string;
  err: string;
  status: number | null;
}

/** A home, and what is run in it. */
export class ReplHome implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'splice-repl-'));
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    const { NO_COLOR: _, DEBUG: __, SUDO_UID: ___, SUDO_GID: ____, ...inherited } = process.env;
    this.env = { ...inherited, XDG_STATE_HOME: this.folder, XDG_CONFIG_HOME: this.folder };
  }

  /** Runs a command to its end. */
  async run(command: string, args: readonly string[], input = ''): Promise<Result> {
    const child = spawn(command, args, { env: this.env, stdio: 'pipe' });
    child.stdin.end(input);
    const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
    return { out, err, status };
  }

  repl(...args: string[]): Promise<Result> {
    return this.run(process.execPath, [BIN, ...args]);
  }

  pipe(input: string, ...args: string[]): Promise<Result> {
    return this.run(process.execPath, [BIN, ...args], input);
  }

  /** The prompt on a terminal of its own. */
  terminal(args: readonly string[], options: ScreenOptions = {}): Screen {
    return new Screen([process.execPath, BIN, ...args], { env: this.env, ...options });
  }

  /** Writes a file into the home; returns its path. */
  file(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Resolves to the exit status. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', (status) => resolve(status)));
}

/** Waits until the last line that is not empty is the prompt with this behind it. */
export function prompts(screen: Screen, typed = ''): Promise<void> {
  const wanted = `${PROMPT}${typed}`.trimEnd();
  return screen.shows(({ lines }) => lines.findLast((line) => line !== '')?.trimEnd() === wanted);
}
