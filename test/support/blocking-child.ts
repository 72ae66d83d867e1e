/**
 * A process with one connection of blocking sockets, of the kind Node.js does not have. It reads one
 * JSON command a line; what a recv() gave it prints when it has it. See blocking.ts.
 */
import { createInterface } from 'node:readline';
import {
  accept,
  connectToLoopback,
  endSending,
  listenOnLoopback,
  MSG,
  receiveAside,
  send,
  tcpSocket,
} from '../../src/core/libc.ts';

interface Command {
  op: 'open' | 'accept' | 'send' | 'receive' | 'end';
  text: string;
  size: number;
  waitAll: boolean;
}

const listener = tcpSocket();
const port = listenOnLoopback(listener);
let client = -1;
let server = -1;

const operations: Record<Command['op'], (command: Command) => unknown> = {
  open() {
    client = tcpSocket();
    connectToLoopback(client, port);
    server = accept(listener);
    return port;
  },
  accept() {
    server = accept(listener);
  },
  send: ({ text }) => send(client, Buffer.from(text)),
  end: () => endSending(client),
  receive({ size, waitAll }) {
    const bytes = Buffer.alloc(size);
    void receiveAside(server, bytes, waitAll ? MSG.WAITALL : 0).then((count) =>
      process.stdout.write(`${JSON.stringify({ received: count < 0 ? null : bytes.toString('latin1', 0, count) })}\n`),
    );
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  try {
    process.stdout.write(`${JSON.stringify({ value: operations[command.op](command) ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
}
process.exit(0);
