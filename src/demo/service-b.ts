/**
 * Service B: an HTTP API with keep-alive, as many a real one. `GET /orders/17` and `POST /orders`
 * answer at once, `GET /prices` never ends: a line of JSON every 20 ms.
 *
 * Run as: service-b PORT
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerQuestions, fail } from '../host/answering.ts';

const STREAM_INTERVAL_MS = 20;

function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  const [, collection, id] = (request.url ?? '').split('/');
  if (collection === 'prices') streamPrices(response);
  else if (collection !== 'orders') send(response, 404, { error: 'no such thing' });
  else if (request.method === 'POST') acceptOrder(request, response);
  else send(response, 200, { id: Number(id), state: 'shipped', items: [3, 5, 7] });
}

function acceptOrder(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => send(response, 201, { state: 'accepted', bytes }));
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function streamPrices(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let sequence = 0;
  const timer = setInterval(() => {
    // A reader that falls behind is waited for.
    if (response.writableNeedDrain) return;
    sequence += 1;
    response.write(`${JSON.stringify({ sequence, symbol: 'TUX', price: 100 + (sequence % 50) / 10 })}\n`);
  }, STREAM_INTERVAL_MS);
  response.on('close', () => clearInterval(timer));
}

process.title = 'service-b';
// A measurement freezes the services: an idle connection must outlive it.
const server = createServer({ noDelay: true, keepAliveTimeout: 120_000 }, answerRequest);
server.on('error', fail);
// No address given, so Node listens on '::' for IPv6 and IPv4: the textbook splice breaks such a server.
server.listen(Number(process.argv[2]), () => answerQuestions(async () => null));
