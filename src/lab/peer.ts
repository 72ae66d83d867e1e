/**
 * A process of the lab that has TCP sockets. It is in its cgroup and network namespace before it has
 * any, does what it is asked, and reads nothing before it is told to.
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_OF_PROC, readText } from '../core/bounded-file.ts';
import { KernelError } from '../core/kernel-error.ts';
import { accept, connectToLoopback, disconnect, listenOnLoopback, receive, send, tcpSocket } from '../core/libc.ts';
import { answerQuestions } from '../host/answering.ts';
import type { Answers, Flooded, Question } from './peer-protocol.ts';
import { tcpViewOf } from './proc-net-tcp.ts';

const CHUNK = 64 << 10;
/** A sender whose kernel took nothing for this long is blocked. */
const STILL_MS = 400;
const LOOK_MS = 20;
const TALK_REST_MS = 1;
const TEXT_LENGTH = 64;
/** After so many chunks events are looked at: an error comes as one. */
const CHUNKS_A_TURN = 16;

/** One end of a connection. The ports are kept: a closed socket does not tell them. */
interface End {
  socket: Socket;
  local: number;
  remote: number;
  error: string | null;
}

const ends = new Map<string, End>();
const accepted: Socket[] = [];
let server: Server | undefined;
let talk: { done: number; intact: boolean; until: number; ended: Promise<void> } | undefined;

function keep(name: string, socket: Socket): { local: number; remote: number } {
  const { localPort: local = 0, remotePort: remote = 0 } = socket;
  const end: End = { socket, local, remote, error: null };
  socket.setNoDelay(true);
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end.error ??= error.code ?? error.message;
  });
  ends.set(name, end);
  return { local, remote };
}

function find(name: string): End {
  const end = ends.get(name);
  if (!end) throw new Error(`there is no end '${name}'`);
  return end;
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let left = bytes; left > 0; ) {
    const part = socket.read(Math.min(left, socket.readableLength || left)) as Buffer | null;
    if (part) left -= parts.push(part) && part.length;
    else if (socket.readableEnded || socket.destroyed) break;
    else await once(socket, 'readable');
  }
  return Buffer.concat(parts);
}

function write(socket: Socket, bytes: Buffer): Promise<string | null> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => resolve(error ? ((error as NodeJS.ErrnoException).code ?? error.message) : null));
  });
}

/** Waits until the kernel took everything; false when it takes nothing any more. */
async function isTaken({ socket }: End): Promise<boolean> {
  let left = socket.writableLength;
  for (let still = 0; left > 0 && !socket.destroyed; still += LOOK_MS) {
    if (still >= STILL_MS) return false;
    await sleep(LOOK_MS);
    if (socket.writableLength !== left) still = 0;
    left = socket.writableLength;
  }
  return true;
}

/** Sends numbered chunks until the kernel blocks, refuses, or has taken `limit` bytes. */
async function flood(end: End, limit: number): Promise<Flooded> {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK, 'x');
  let blocked = false;
  let taken = 0;
  for (let number = 0; taken < limit && !blocked && end.error === null; number++) {
    chunk.writeUInt32BE(number);
    hash.update(chunk);
    end.socket.write(chunk);
    blocked = end.socket.writableLength > 0 && !(await isTaken(end));
    if (number % CHUNKS_A_TURN === 0) await sleep(0);
    if (!blocked && end.error === null) taken += CHUNK;
  }
  return { taken, blocked, error: end.error, digest: hash.digest('hex') };
}

/**
 * One message after the other, each read before the next is sent, until `until` of them are done. Not as fast as
 * it goes: a fast stream of small messages one way leaves the map (bpf/leave.h).
 */
async function keepTalking(from: Socket, to: Socket, state: NonNullable<typeof talk>): Promise<void> {
  while (state.done < state.until && state.intact) {
    const message = Buffer.alloc(64, state.done & 255);
    const sent = await write(from, message);
    state.intact = sent === null && (await read(to, message.length)).equals(message);
    if (state.intact) state.done++;
    await sleep(TALK_REST_MS);
  }
}

/** A message each way: what is redirected is redirected from here on. */
function talkOnce(one: number, other: number): void {
  for (const [from, to] of [[one, other] as const, [other, one] as const]) {
    send(from, Buffer.from('warm'));
    receive(to, TEXT_LENGTH);
  }
}

const operations: { [Op in Question['op']]: (question: Extract<Question, { op: Op }>) => Promise<Answers[Op]> } = {
  async listen({ host, port }) {
    server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      accepted.push(socket);
      server?.emit('queued');
    });
    server.listen({ host, port });
    await once(server, 'listening');
    return { port: (server.address() as { port: number }).port };
  },

  async connect({ end, port, localPort }) {
    const options = { host: '127.0.0.1', port, allowHalfOpen: true, ...(localPort && { localPort }) };
    const socket = connect(options).pause();
    await once(socket, 'connect');
    return keep(end, socket);
  },

  async accept({ end }) {
    if (accepted.length === 0 && server) await once(server, 'queued');
    return keep(end, accepted.shift() as Socket);
  },

  async send({ end, text }) {
    return { error: await write(find(end).socket, Buffer.from(text)) };
  },

  async flood({ end, limit }) {
    return flood(find(end), limit);
  },

  async read({ end, bytes }) {
    return { text: (await read(find(end).socket, bytes)).toString() };
  },

  /** Reads to the end of the stream. */
  async readAll({ end }) {
    const { socket } = find(end);
    const hash = createHash('sha256');
    let [bytes, text] = [0, ''];
    try {
      for await (const part of socket.iterator({ destroyOnReturn: false })) {
        bytes += part.length;
        hash.update(part);
        if (text.length < TEXT_LENGTH) text += part.toString('latin1', 0, TEXT_LENGTH - text.length);
      }
      return { bytes, text, digest: hash.digest('hex'), error: null };
    } catch (error) {
      return { bytes, text, digest: '', error: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  },

  /** Shuts down the writing side behind what was written; does not wait for it. */
  async finish({ end }) {
    find(end).socket.end();
    return null;
  },

  async close({ end }) {
    const { socket } = find(end);
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
    return null;
  },

  async tcpView({ end }) {
    const { local, remote } = find(end);
    return tcpViewOf(readText('/proc/self/net/tcp', MOST_OF_PROC), local, remote);
  },

  /** With blocking calls: Node.js cannot disconnect a socket. */
  async reconnect({ unread, answer }) {
    const [first, second, client] = [tcpSocket(), tcpSocket(), tcpSocket()];
    const [firstPort, secondPort] = [listenOnLoopback(first), listenOnLoopback(second)];
    const opened = [first, second, client];
    try {
      connectToLoopback(client, firstPort);
      const one = accept(first);
      opened.push(one);
      talkOnce(client, one);
      send(one, Buffer.from(unread));
      disconnect(client);
      connectToLoopback(client, secondPort);
      const other = accept(second);
      opened.push(other);
      send(client, Buffer.from('question'));
      receive(other, TEXT_LENGTH);
      try {
        send(other, Buffer.from(answer));
      } catch (error) {
        // The textbook program fails it; what the client reads then is the first peer's.
        if (!(error instanceof KernelError)) throw error;
      }
      return { text: receive(client, TEXT_LENGTH).toString('latin1') };
    } finally {
      for (const fd of opened) closeSync(fd);
    }
  },

  async startTalk({ from, to }) {
    const state = { done: 0, intact: true, until: Number.POSITIVE_INFINITY, ended: Promise.resolve() };
    state.ended = keepTalking(find(from).socket, find(to).socket, state);
    talk = state;
    return null;
  },

  async stopTalk({ after }) {
    if (!talk) throw new Error('nobody talks');
    talk.until = Math.max(talk.done, after);
    await talk.ended;
    return { messages: talk.done, intact: talk.intact };
  },
};

answerQuestions((question: Question) => operations[question.op](question as never));
