/**
 * A process with TCP sockets that a test steers: it reads one JSON command a line and answers each
 * with one line. See peers.ts for the other side.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setLayer, setReceiveBuffer } from './socket-options.ts';

/** What one command may say; `op` names it. */
interface Command {
  op: string;
  host?: string;
  port?: number;
  id: number;
  to: number;
  count: number;
  size: number;
}

const sockets: Socket[] = [];
const servers: Server[] = [];

/** A socket that reads nothing from the kernel until it is told to. */
function keep(socket: Socket): number {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  return sockets.push(socket) - 1;
}

function socket(id: number): Socket {
  const found = sockets[id];
  if (!found) throw new Error(`no socket ${id}`);
  return found;
}

function descriptorOf(id: number): number {
  return (socket(id) as unknown as { _handle: { fd: number } })._handle.fd;
}

/** Bytes that tell their place: a wrong, lost or repeated one is seen. */
function pattern(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let index = 0; index < size; index++) bytes[index] = (seed * 31 + index * 7 + (index >> 8)) & 255;
  return bytes;
}

async function read(from: Socket, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let left = size; left > 0; ) {
    const part = from.read(Math.min(left, from.readableLength || left)) as Buffer | null;
    if (part) left -= parts.push(part) && part.length;
    else if (from.readableEnded || from.destroyed) throw new Error(`ended ${left} bytes before the end`);
    else await once(from, 'readable');
  }
  return Buffer.concat(parts);
}

const operations: Record<string, (command: Command) => Promise<unknown>> = {
  async listen({ host }) {
    const server = createServer({ pauseOnConnect: true }).listen({ port: 0, ...(host ? { host } : {}) });
    await once(server, 'listening');
    servers.push(server);
    return server.address();
  },

  async connect({ host, port }) {
    const client = connect({ host: host ?? '127.0.0.1', port: port ?? 0 }).pause();
    await once(client, 'connect');
    return { id: keep(client), port: client.localPort };
  },

  /** Connects to the last listener, and gives both ends. */
  async pair({ host }) {
    const server = servers.at(-1) as Server;
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = await operations.connect?.({
      host,
      port: (server.address() as { port: number }).port,
    } as Command);
    const [far] = await accepted;
    return { client, server: { id: keep(far), port: far.localPort } };
  },

  async accepted() {
    const [far] = (await once(servers.at(-1) as Server, 'connection')) as [Socket];
    return { id: keep(far), port: far.localPort };
  },

  /** Sends messages and looks for none of them at the other side. */
  async send({ id, count, size }) {
    for (let index = 0; index < count; index++) socket(id).write(pattern(index, size));
    return null;
  },

  /** Reads what `send` sent, and compares every byte. */
  async receive({ id, count, size }) {
    const all = await read(socket(id), count * size);
    const expected = Buffer.concat(Array.from({ length: count }, (_, index) => pattern(index, size)));
    return { bytes: all.length, equal: all.equals(expected) };
  },

  /** Sends without waiting, while the other end reads: a stream. */
  async stream({ id, to, count, size }) {
    await operations.send?.({ id, count, size } as Command);
    return operations.receive?.({ id: to, count, size } as Command);
  },

  /** Sends one message after the other, each when the one before has arrived. */
  async exchange({ id, to, count, size }) {
    let equal = true;
    for (let index = 0; index < count; index++) {
      const message = pattern(index, size);
      socket(id).write(message);
      equal = (await read(socket(to), size)).equals(message) && equal;
    }
    return { equal };
  },

  async descriptor({ id }) {
    return descriptorOf(id);
  },

  /** Sets SO_RCVBUF; the value that the kernel made of it. */
  async receiveBuffer({ id, size }) {
    return setReceiveBuffer(descriptorOf(id), size);
  },

  async layer({ id, host }) {
    return setLayer(descriptorOf(id), host ?? '');
  },

  /** What the kernel shows as this process's name. */
  async rename({ host }) {
    process.title = host ?? '';
    return null;
  },

  async close({ id }) {
    socket(id).destroy();
    return null;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  try {
    const run = operations[command.op];
    if (!run) throw new Error(`no operation ${command.op}`);
    process.stdout.write(`${JSON.stringify({ value: (await run(command)) ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
}
process.exit(0);
