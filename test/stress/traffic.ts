/**
 * A process full of connections. Arguments: `server`, or `client` and the server's port; then the
 * seed. It tells its parent its port, each failure, and in the end how much it did; a message from
 * the parent makes its ends go on without a rest, and the client open no more connections.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Failure, StressEnd } from './end.ts';
import { planConnection } from './plan.ts';

/** What a traffic process says. */
export type TrafficMessage = { port: number } | { failure: Failure } | { done: Done };

/** What it is asked: no rests any more; and to end when no connection is open. */
export type TrafficRequest = 'hurry' | 'stop';

/** What a traffic process did. */
export interface Done {
  connections: number;
  bytes: number;
}

const OPEN_AT_ONCE = 24;
const HEADER_BYTES = 8;

const [role, ...numbers] = process.argv.slice(2);
const [seed = 0, port = 0] = numbers.map(Number);
const open = new Set<StressEnd>();
const done: Done = { connections: 0, bytes: 0 };
let hurrying = false;
let stopping = false;

const say = (message: TrafficMessage) => process.send?.(message);
/** For errors that an end reports by itself. */
const ignore = () => {};
const report = (failure: Failure) => say({ failure });
setInterval(() => {
  for (const end of open) end.checkProgress();
}, 1000).unref();

/** The number of a connection goes first, twice, so that a damaged one is seen. */
function header(id: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(id);
  bytes.writeUInt32BE((id ^ seed) >>> 0, 4);
  return bytes;
}

async function run(end: StressEnd, first: Buffer): Promise<void> {
  open.add(end);
  end.start(first);
  if (hurrying) end.hurry();
  await end.finished;
  open.delete(end);
  done.connections++;
  done.bytes += end.received;
}

async function callAgainAndAgain(lane: number): Promise<void> {
  for (let id = lane; !stopping; id += OPEN_AT_ONCE) {
    const socket = connect({ port, host: id % 5 === 0 ? '::1' : '127.0.0.1', allowHalfOpen: true });
    const end = new StressEnd(socket, planConnection(seed, id), 'client', report);
    await once(socket, 'connect');
    socket.write(header(id));
    await run(end, Buffer.alloc(0));
  }
}

function answer(socket: Socket): void {
  let start = Buffer.alloc(0);
  socket.on('error', ignore);
  socket.on('data', function readHeader(chunk: Buffer) {
    start = Buffer.concat([start, chunk]);
    if (start.length < HEADER_BYTES) return;
    socket.pause().off('data', readHeader).off('error', ignore);
    const id = start.readUInt32BE();
    if (!header(id).equals(start.subarray(0, HEADER_BYTES))) {
      report({
        connection: id,
        direction: 'client to server',
        offset: 0,
        what: `no header: ${start.toString('hex', 0, 8)}`,
      });
      socket.destroy();
      return;
    }
    run(new StressEnd(socket, planConnection(seed, id), 'server', report), start.subarray(HEADER_BYTES));
  });
}

if (role === 'server') {
  const server = createServer({ allowHalfOpen: true }, answer).listen(0);
  await once(server, 'listening');
  say({ port: (server.address() as AddressInfo).port });
} else {
  for (let lane = 0; lane < OPEN_AT_ONCE; lane++) callAgainAndAgain(lane).catch(ignore);
}
process.on('message', (message: TrafficRequest) => {
  hurrying = true;
  stopping ||= message === 'stop';
  for (const end of open) end.hurry();
});
process.on('disconnect', () => process.exit(0));
const waiting = setInterval(() => {
  if (!stopping || open.size > 0) return;
  clearInterval(waiting);
  say({ done });
}, 20);
