/** A child process with TCP sockets, inside a cgroup (and a network namespace) of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { formatEnd } from '../../src/core/index.ts';

/** A socket in the child, and its local port. */
export interface End {
  id: number;
  port: number;
}

export interface Pair {
  client: End;
  server: End;
}

interface Request {
  host?: string;
  port?: number;
  id?: number;
  to?: number;
  count?: number;
  size?: number;
}

const SCRIPT = join(import.meta.dirname, 'peers-child.ts');

/** Enters the cgroup before the program has any socket: a socket belongs to the cgroup it was made in. */
const ENTER = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';

/** The keys of both ends of a connection on one address. */
export function keysOf({ client, server }: Pair, address = '127.0.0.1'): { client: string; server: string } {
  const key = (own: number, peer: number) => `${formatEnd(address, own)}->${formatEnd(address, peer)}`;
  return { client: key(client.port, server.port), server: key(server.port, client.port) };
}

/** Starts a program inside a cgroup; `prefix` may be `['ip', 'netns', 'exec', NAME]`. */
export function spawnInCgroup(
  cgroup: string,
  argv: readonly string[],
  options: Parameters<typeof spawn>[2] = {},
  prefix: readonly string[] = [],
): ChildProcess {
  return spawn('sh', ['-c', ENTER, 'sh', cgroup, ...prefix, ...prefixOfAll, ...argv], options);
}

let prefixOfAll: readonly string[] = [];

/** From now on every program in a cgroup is started by these words, for instance without capabilities. */
export function startWith(prefix: readonly string[]): void {
  prefixOfAll = prefix;
}

/** Steers the child's sockets; every method resolves when the child has done it. */
export class Peers {
  readonly process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  /** @param prefix what to run the child with, such as `ip netns exec NAME` */
  constructor(cgroup: string | null, prefix: readonly string[] = []) {
    const argv = [process.execPath, SCRIPT];
    const stdio = { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };
    const [file = '', ...rest] = [...prefix, ...argv];
    this.process = cgroup === null ? spawn(file, rest, stdio) : spawnInCgroup(cgroup, argv, stdio, prefix);
    if (!this.process.stdout) throw new Error('no output');
    this.#answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  listen(host?: string): Promise<{ port: number }> {
    return this.#ask('listen', host === undefined ? {} : { host });
  }

  connect(port: number, host = '127.0.0.1'): Promise<End> {
    return this.#ask('connect', { port, host });
  }

  /** The next connection that the listener takes; ask before somebody connects. */
  accepted(): Promise<End> {
    return this.#ask('accepted', {});
  }

  /** Both ends of a new connection to the last listener. */
  pair(host = '127.0.0.1'): Promise<Pair> {
    return this.#ask('pair', { host });
  }

  /** A listener, and both ends of a connection to it. */
  async open(listenHost?: string, connectHost?: string): Promise<Pair> {
    await this.listen(listenHost);
    return this.pair(connectHost);
  }

  /** Sends and checks `count` messages one by one; true when every byte arrived at its place. */
  async exchange(from: End, to: End, count: number, size: number): Promise<boolean> {
    return (await this.#ask<{ equal: boolean }>('exchange', { id: from.id, to: to.id, count, size })).equal;
  }

  send(from: End, count: number, size: number): Promise<null> {
    return this.#ask('send', { id: from.id, count, size });
  }

  /** Reads what was sent with the same numbers; `equal` when every byte is at its place. */
  receive(at: End, count: number, size: number): Promise<{ bytes: number; equal: boolean }> {
    return this.#ask('receive', { id: at.id, count, size });
  }

  /** Sends while the other end reads, as fast as it goes. */
  stream(from: End, to: End, count: number, size: number): Promise<{ bytes: number; equal: boolean }> {
    return this.#ask('stream', { id: from.id, to: to.id, count, size });
  }

  descriptor(of: End): Promise<number> {
    return this.#ask('descriptor', { id: of.id });
  }

  /** Sets SO_RCVBUF, in bytes; resolves to what the kernel made of it. */
  receiveBuffer(of: End, size: number): Promise<number> {
    return this.#ask('receiveBuffer', { id: of.id, size });
  }

  /** setsockopt(TCP_ULP): the name of the error, or null. */
  layer(of: End, name: string): Promise<string | null> {
    return this.#ask('layer', { id: of.id, host: name });
  }

  /** Gives the child another process name. */
  rename(name: string): Promise<null> {
    return this.#ask('rename', { host: name });
  }

  close(end: End): Promise<null> {
    return this.#ask('close', { id: end.id });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.stdin?.end();
    await gone;
  }

  async #ask<T>(op: string, request: Request): Promise<T> {
    this.process.stdin?.write(`${JSON.stringify({ op, ...request })}\n`);
    const { value: line, done } = await this.#answers.next();
    if (done) throw new Error(`the child with the sockets ended during '${op}'`);
    const answer = JSON.parse(line) as { value: T; error?: string };
    if (answer.error !== undefined) throw new Error(`${op}: ${answer.error}`);
    return answer.value;
  }
}
