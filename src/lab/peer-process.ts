/** The lab's side of a process with sockets: what it does, and what that was answered, is written down. */
import { HostProcess, programBeside } from '../host/host-process.ts';
import { formatBytes } from '../view/format.ts';
import type { Journal } from './journal.ts';
import type { Answers, Flooded, Ports, Question, ReadAll, TcpView } from './peer-protocol.ts';

/** Where a process belongs. */
export interface PeerPlace {
  namespace: string;
  cgroup: string;
}

/** Where a connection is, if that matters. */
interface PairPlace {
  host?: string;
  port?: number;
  localPort?: number;
  suffix?: string;
}

export class PeerProcess {
  readonly #process: HostProcess;
  readonly #journal: Journal;

  private constructor(process: HostProcess, journal: Journal) {
    this.#process = process;
    this.#journal = journal;
  }

  static async start(name: string, { namespace, cgroup }: PeerPlace, journal: Journal): Promise<PeerProcess> {
    const host = { namespace, address: '127.0.0.1' };
    const program = programBeside(import.meta.url, 'peer');
    return new PeerProcess(await HostProcess.node(name, { host, cgroup }, program, []), journal);
  }

  /** Ends the process at once, and waits until its sockets are gone. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  async listen({ host = '127.0.0.1', port = 0 } = {}): Promise<number> {
    return (await this.#ask({ op: 'listen', host, port })).port;
  }

  /** Connects to a port of 127.0.0.1. */
  async connect(end: string, port: number, localPort = 0): Promise<Ports> {
    const ports = await this.#ask({ op: 'connect', end, port, localPort });
    this.#journal.note(end, `connected, port ${ports.local} to ${ports.remote}`);
    return ports;
  }

  async accept(end: string): Promise<Ports> {
    return await this.#ask({ op: 'accept', end });
  }

  /** Both ends of a new connection, in this process; `suffix` follows `client` and `server` in their names. */
  async pair({ suffix = '', ...place }: PairPlace = {}): Promise<{ client: Ports; server: Ports }> {
    const port = await this.listen(place);
    const client = await this.connect(`client${suffix}`, port, place.localPort);
    return { client, server: await this.accept(`server${suffix}`) };
  }

  /** Sends in one message; the errno's name when the kernel refuses it. */
  async send(end: string, text: string): Promise<string | null> {
    const { error } = await this.#ask({ op: 'send', end, text });
    this.#journal.note(end, error === null ? `sent "${text}"` : `sending "${text}" failed: ${error}`);
    return error;
  }

  /** Sends until the kernel blocks, refuses, or has taken `limit` bytes. */
  async flood(end: string, limit: number): Promise<Flooded> {
    const flooded = await this.#ask({ op: 'flood', end, limit });
    const { taken, blocked, error } = flooded;
    const why = error ?? (blocked ? 'then the kernel took no more' : 'and the kernel would take more');
    this.#journal.note(end, `sent ${formatBytes(taken)}, ${why}`);
    return flooded;
  }

  async read(end: string, bytes: number): Promise<string> {
    const { text } = await this.#ask({ op: 'read', end, bytes });
    this.#journal.note(end, `read "${text}"`);
    return text;
  }

  /** Reads to the end of the stream. */
  async readAll(end: string): Promise<ReadAll> {
    const all = await this.#ask({ op: 'readAll', end });
    const what = all.bytes === all.text.length ? `"${all.text}"` : formatBytes(all.bytes);
    this.#journal.note(end, `read ${what}, then ${all.error ?? 'the end of the stream'}`);
    return all;
  }

  /** Shuts down the writing side. */
  async finish(end: string): Promise<void> {
    await this.#ask({ op: 'finish', end });
    this.#journal.note(end, 'shut down its writing side');
  }

  async close(end: string): Promise<void> {
    await this.#ask({ op: 'close', end });
    this.#journal.note(end, 'closed');
  }

  /** What TCP holds of the end's connection; null when it knows it no more. */
  async tcpView(end: string): Promise<TcpView | null> {
    return await this.#ask({ op: 'tcpView', end });
  }

  /**
   * A socket leaves `unread` of its first peer unread, is disconnected, connects to a second peer, and is sent
   * `answer`: what it reads.
   */
  async reconnect(unread: string, answer: string): Promise<string> {
    const { text } = await this.#ask({ op: 'reconnect', unread, answer });
    this.#journal.note('client', `is sent "${unread}" by its first peer, and does not read it`);
    this.#journal.note('client', 'is disconnected, connects to a second peer, and asks');
    this.#journal.note('second', `sends "${answer}"`);
    this.#journal.note('client', `read "${text}"`);
    return text;
  }

  /** From here on `from` sends messages and `to` reads them, one after the other. */
  async startTalk(from: string, to: string): Promise<void> {
    await this.#ask({ op: 'startTalk', from, to });
    this.#journal.note(from, `sends messages to ${to}, one after the other`);
  }

  /** Stops that when at least `after` messages were read. */
  async stopTalk(after: number): Promise<{ messages: number; intact: boolean }> {
    const { messages, intact } = await this.#ask({ op: 'stopTalk', after });
    this.#journal.note(
      'server',
      `has read ${messages} messages, ${intact ? 'each as it was sent' : 'one of them wrong'}`,
    );
    return { messages, intact };
  }

  async #ask<Op extends Question['op']>(question: Extract<Question, { op: Op }>): Promise<Answers[Op]> {
    return await this.#process.ask<Answers[Op]>(question);
  }
}
