/**
 * Sends a message of 64 bytes, waits until it is back, and so on: the near end of the latency
 * measurement. It keeps several connections by name, to compare them at the same time.
 *
 * Run as: ping-client HOST PORT
 */
import { connect, type Socket } from 'node:net';
import { answerQuestions, fail } from '../host/answering.ts';
import { MESSAGE_BYTES, type PingAnswer, type PingQuestion } from './ping-protocol.ts';

class Pinger {
  readonly #socket: Socket;
  readonly #message = Buffer.alloc(MESSAGE_BYTES, 'x');
  #onData: (bytes: number) => void = () => {};

  constructor(host: string, port: number, onOpen: () => void) {
    const onread = {
      buffer: Buffer.alloc(4096),
      callback: (bytes: number) => {
        this.#onData(bytes);
        return true;
      },
    };
    this.#socket = connect({ host, port, noDelay: true, onread }, onOpen);
    this.#socket.on('error', fail);
    this.#socket.on('close', () => fail(new Error('the connection was closed')));
  }

  measure(samples: number): Promise<PingAnswer> {
    const { promise, resolve } = Promise.withResolvers<PingAnswer>();
    const times = new Float64Array(samples);
    let done = 0;
    let missing = MESSAGE_BYTES;
    let sentAt = performance.now();
    this.#onData = (bytes) => {
      missing -= bytes;
      if (missing > 0) return;
      times[done] = (performance.now() - sentAt) * 1000;
      done += 1;
      if (done === samples) return resolve(times);
      missing = MESSAGE_BYTES;
      sentAt = performance.now();
      this.#socket.write(this.#message);
    };
    this.#socket.write(this.#message);
    return promise;
  }
}

const [host = '', port] = process.argv.slice(2);
const pingers = new Map<string, Pinger>();

process.title = 'ping-client';
answerQuestions<PingQuestion>(async (question) => {
  if ('measure' in question) return await pingers.get(question.measure)?.measure(question.samples);
  return await new Promise((resolve) => {
    pingers.set(question.open, new Pinger(host, Number(port), () => resolve(null)));
  });
});
