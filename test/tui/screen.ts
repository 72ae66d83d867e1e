/** A pseudo-terminal with a screen that tests read as a user does. */
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { until } from '../support/kernel.ts';

export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program takes its time to start while the machine is busy. */
const PATIENCE = { seconds: 20 };

/** Runs a program on a terminal of its own until it is disposed of. */
export class Screen implements AsyncDisposable {
  /** Everything the program wrote, escape codes included. */
  output = '';
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #process: ReturnType<typeof spawn>;
  #exit: { exitCode: number; signal?: number | undefined } | undefined;

  constructor([file = '', ...args]: readonly string[], { columns = 80, rows = 24, env = {} }: ScreenOptions = {}) {
    const { NO_COLOR: _, CI: __, ...inherited } = process.env;
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#process = spawn(file, args, {
      name: 'xterm-256color',
      cols: columns,
      rows,
      env: { ...inherited, TERM: 'xterm-256color', ...env },
    });
    this.#process.onData((data) => {
      this.output += data;
      this.#terminal.write(data);
    });
    this.#process.onExit((exit) => {
      this.#exit = exit;
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The lines on screen, without blanks at their ends. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: this.#terminal.rows }, (_, row) => active.getLine(active.baseY + row));
    return lines.map((line) => line?.translateToString(true) ?? '');
  }

  get text(): string {
    return this.lines.join('\n');
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get isCursorShown(): boolean {
    return this.output.lastIndexOf('\u001b[?25h') >= this.output.lastIndexOf('\u001b[?25l');
  }

  /** Whether the terminal was asked to report what the mouse does. */
  get hasMouse(): boolean {
    return this.#terminal.modes.mouseTrackingMode !== 'none';
  }

  press(keys: string): void {
    this.#process.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#process.resize(columns, rows);
  }

  kill(signal: string): void {
    this.#process.kill(signal);
  }

  /** Takes the terminal away, as a lost connection does. */
  hangUp(): void {
    // What node-pty's types leave out.
    (this.#process as unknown as { destroy(): void }).destroy();
  }

  /** Waits until the screen is as wanted; fails with what it shows instead. */
  async shows(wanted: string | RegExp | ((screen: Screen) => boolean)): Promise<void> {
    const isShown = () => {
      if (typeof wanted === 'function') return wanted(this);
      return typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text);
    };
    try {
      await until(isShown, `the screen shows ${wanted}`, PATIENCE);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows\n${this.text}`);
    }
  }

  /** The same as soon as it is drawn, however long it takes: for a bench. */
  async when(isShown: () => boolean): Promise<void> {
    if (isShown()) return;
    await new Promise<void>((resolve) => {
      const listener = this.#terminal.onWriteParsed(() => {
        if (!isShown()) return;
        listener.dispose();
        resolve();
      });
    });
  }

  /** Waits for the end of the program; resolves to its exit status, 128 + N after signal N. */
  async ends(): Promise<number> {
    await until(() => this.#exit !== undefined, `the program ends; the screen shows\n${this.text}`, PATIENCE);
    // What was written last is read, but maybe not on the screen yet.
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { exitCode = -1, signal = 0 } = this.#exit ?? {};
    return signal > 0 ? 128 + signal : exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) this.#process.kill('SIGKILL');
    await this.ends();
    this.#terminal.dispose();
  }
}
