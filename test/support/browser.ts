/** A headless Chromium for one test: opens a page of ours and tells what is drawn. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../setup/patience.ts';

const START_MS = patience(30_000);
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-port=0'],
];

export interface Viewport {
  width: number;
  height: number;
  isDark?: boolean;
}

/** Speaks the DevTools protocol with a browser of its own, which ends with it. */
export class Browser implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: { result?: object; error?: { message: string } }) => void>();
  #count = 0;

  private constructor(child: ChildProcess, directory: string, socket: WebSocket) {
    this.#child = child;
    this.#directory = directory;
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data));
      this.#waiting.get(message.id)?.(message);
    });
  }

  /** Starts the browser with a page. */
  static async open(url: string): Promise<Browser> {
    const directory = mkdtempSync(join(tmpdir(), 'splice-test-chromium-'));
    const child = spawn('chromium', [...FLAGS, `--user-data-dir=${directory}`, url], { stdio: 'ignore' });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (status) => reject(new Error(`chromium ended: ${status}`)));
    });
    failed.catch(() => {});
    try {
      const socket = new WebSocket(await Promise.race([debuggerOf(directory, url), failed]));
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve);
        socket.addEventListener('error', () => reject(new Error('chromium does not answer')));
      });
      return new Browser(child, directory, socket);
    } catch (error) {
      await end(child, directory);
      throw error;
    }
  }

  /** Draws the page anew, as large as this, and in light or dark colours. */
  async draw({ width, height, isDark = false }: Viewport): Promise<void> {
    const value = isDark ? 'dark' : 'light';
    await this.#send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.#send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    await this.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const answer = await this.#send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    const { result, exceptionDetails } = answer as { result: { value: Value }; exceptionDetails?: { text: string } };
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return result.value;
  }

  /** What is on the screen, as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = (await this.#send('Page.captureScreenshot', { format: 'png' })) as { data: string };
    return Buffer.from(data, 'base64');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await end(this.#child, this.#directory);
  }

  async #send(method: string, params: object): Promise<object> {
    const id = ++this.#count;
    const { promise, resolve } = Promise.withResolvers<{ result?: object; error?: { message: string } }>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await promise;
    this.#waiting.delete(id);
    if (!result) throw new Error(`${method}: ${error?.message}`);
    return result;
  }
}

/** Where the page's debugger listens: the browser writes its port into its directory. */
async function debuggerOf(directory: string, url: string): Promise<string> {
  for (const deadline = performance.now() + START_MS; performance.now() < deadline; await sleep(50)) {
    try {
      const [port] = readFileSync(join(directory, 'DevToolsActivePort'), 'utf8').split('\n');
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Record<string, string>[];
      const page = targets.find((target) => target.url === url)?.webSocketDebuggerUrl;
      if (page !== undefined) return page;
    } catch {
      // It is not there yet.
    }
  }
  throw new Error('chromium did not open the page in time');
}

async function end(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  // Its helpers may still be writing.
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
