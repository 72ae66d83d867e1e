/**
 * Service A: calls service B over several keep-alive connections, and reads its stream on another.
 * The question 'connect' closes what is open, connects anew, and is answered with the number of
 * connections once each of them has carried a message.
 *
 * Run as: service-a HOST PORT
 */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions, fail } from '../host/answering.ts';

const CALLERS = 4;
const PAUSE_MS = 10;

const [host, port] = process.argv.slice(2);

/** All connections from one 'connect' to the next. */
class Client {
  readonly #agents: Agent[] = [];
  #closed = false;

  /** Opens every connection; resolves with their number when all have answered once. */
  async open(): Promise<number> {
    const callers = Array.from({ length: CALLERS }, () => this.#startCaller());
    await Promise.all([...callers, this.#startReader()]);
    return this.#agents.length;
  }

  close(): void {
    this.#closed = true;
    for (const agent of this.#agents) agent.destroy();
  }

  /** Calls again and again on one connection. */
  async #startCaller(): Promise<void> {
    const agent = this.#newAgent();
    await read(await send(agent, 'GET', '/orders/0'));
    this.#goOn(async () => {
      for (let id = 1; ; id++) {
        await sleep(PAUSE_MS);
        if (this.#closed) return;
        const order = JSON.stringify({ items: Array(100).fill(id) });
        await read(await (id % 5 === 0 ? send(agent, 'POST', '/orders', order) : send(agent, 'GET', `/orders/${id}`)));
      }
    });
  }

  /** Reads the endless stream. */
  async #startReader(): Promise<void> {
    const stream = await send(this.#newAgent(), 'GET', '/prices');
    this.#goOn(() => read(stream));
  }

  /** A connection that breaks is a failure, unless it was closed here. */
  #goOn(work: () => Promise<void>): void {
    work().catch((error) => {
      if (!this.#closed) fail(error);
    });
  }

  #newAgent(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agents.push(agent);
    return agent;
  }
}

async function send(agent: Agent, method: string, path: string, body = ''): Promise<IncomingMessage> {
  const headers = { 'content-length': Buffer.byteLength(body) };
  const call = request({ host, port, method, path, agent, headers });
  call.end(body);
  const [response] = await once(call, 'response');
  // Later errors come by the response.
  call.on('error', () => {});
  return response;
}

async function read(response: IncomingMessage): Promise<void> {
  response.resume();
  await once(response, 'end');
}

process.title = 'service-a';
let client = new Client();
answerQuestions<'connect'>(async () => {
  client.close();
  client = new Client();
  return await client.open();
});
