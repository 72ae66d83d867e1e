/**
 * Sends every message back as it came: the far end of the latency measurement.
 *
 * Run as: ping-server PORT
 */
import { createServer } from 'node:net';
import { answerQuestions, fail } from '../host/answering.ts';

process.title = 'ping-server';
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (message) => socket.write(message));
  socket.on('error', () => socket.destroy());
});
server.on('error', fail);
server.listen(Number(process.argv[2]), () => answerQuestions(async () => null));
