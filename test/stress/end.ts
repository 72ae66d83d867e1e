/** One end of a connection at work: sends its stream, and checks every byte of the other's. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../setup/patience.ts';
import { findMismatch, streamBytes } from './pattern.ts';
import { type EndPlan, isBroken, type Plan, type Side } from './plan.ts';
import { Random } from './random.ts';

/** Neither end rests that long, so a connection on which nothing moves meanwhile has come to a halt. */
const HALT_MS = patience(20_000);

/** Something that TCP would not have done. */
export interface Failure {
  connection: number;
  direction: string;
  offset: number;
  what: string;
}

export class StressEnd {
  /** Resolves when the socket is closed and everything was looked at. */
  readonly finished: Promise<void>;
  sent = 0;
  received = 0;
  readonly #socket: Socket;
  readonly #plan: Plan;
  readonly #side: Side;
  readonly #mine: EndPlan;
  readonly #theirs: EndPlan;
  readonly #random: Random;
  readonly #report: (failure: Failure) => void;
  #movedAt = performance.now();
  #ended = false;
  #inHurry = false;
  #wakeWriter: () => void = () => {};

  constructor(socket: Socket, plan: Plan, side: Side, report: (failure: Failure) => void) {
    this.#socket = socket.setNoDelay(true);
    this.#plan = plan;
    this.#side = side;
    this.#mine = plan[side];
    this.#theirs = plan[side === 'client' ? 'server' : 'client'];
    this.#random = new Random(this.#mine.stream, this.#mine.bytes);
    this.#report = report;
    this.finished = new Promise((resolve) => socket.once('close', resolve)).then(() => this.#checkEnd());
    socket.on('error', (error) => {
      if (!isBroken(plan)) this.#fail(this.received, `the socket failed: ${error.message}`);
    });
    socket.on('end', () => {
      this.#ended = true;
      if (isBroken(plan)) socket.destroy();
    });
    socket.on('close', () => this.#wakeWriter());
  }

  /** @param first bytes of the stream that were read already */
  start(first: Buffer): void {
    this.#receive(first);
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    if (this.#mine.sleepMs > 0) this.#rest(this.#mine.sleepMs);
    else this.#socket.resume();
    this.#send().catch((error) => this.#fail(this.sent, `sending failed: ${error}`));
  }

  /** No rests from now on. */
  hurry(): void {
    this.#inHurry = true;
    this.#socket.resume();
  }

  /** Fails when nothing moved for long. */
  checkProgress(): void {
    if (performance.now() - this.#movedAt < HALT_MS) return;
    const { writableLength, readyState } = this.#socket;
    const state = `${readyState}, ${this.sent} of ${this.#mine.bytes} sent (${writableLength} waiting), end ${this.#ended ? 'seen' : 'not seen'}`;
    this.#fail(this.received, `nothing moved for ${HALT_MS} ms; this ${this.#side}: ${state}`);
    this.#socket.destroy();
  }

  async #send(): Promise<void> {
    const { bytes, breaksAt, largestWrite, restChance, restMs } = this.#mine;
    while (this.sent < bytes && !this.#socket.destroyed) {
      const most = Math.min(bytes - this.sent, this.#mayBeSent());
      if (most > 0) {
        const size = Math.min(most, this.#random.size(largestWrite));
        const taken = this.#socket.write(streamBytes(this.#mine.stream, this.sent, size));
        this.sent += size;
        this.#movedAt = performance.now();
        if (breaksAt !== null && this.sent >= breaksAt) return this.#break();
        if (!taken) await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]).catch(() => {});
        this.#movedAt = performance.now();
        if (!this.#inHurry && this.#random.chance(restChance)) await sleep(this.#random.int(0, restMs));
      } else {
        await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
      }
    }
    this.#socket.end();
  }

  /** In lockstep the client waits for as many bytes as it sent, and the server sends as many as came. */
  #mayBeSent(): number {
    if (!this.#plan.lockstep) return Number.POSITIVE_INFINITY;
    if (this.#side === 'server') return this.received - this.sent;
    return this.received < this.sent ? 0 : Number.POSITIVE_INFINITY;
  }

  #break(): void {
    if (this.#plan.breakWith === 'reset') this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#movedAt = performance.now();
    const mismatch = findMismatch(this.#theirs.stream, this.received, chunk);
    if (mismatch) {
      const { offset, expected, got, belongsTo } = mismatch;
      const place = belongsTo === null ? 'of no place in this stream' : `of offset ${belongsTo}`;
      this.#fail(offset, `expected ${expected}, got ${got}, bytes ${place}; a chunk of ${chunk.length}`);
      // Left open: a reset would be reported by the other end, and maybe first.
      this.#socket.pause().removeAllListeners('data');
      return;
    }
    this.received += chunk.length;
    if (this.received > this.#theirs.bytes) this.#fail(this.#theirs.bytes, 'more bytes than were sent');
    this.#wakeWriter();
    if (!this.#inHurry && this.#random.chance(this.#mine.readRestChance))
      this.#rest(this.#random.int(0, this.#mine.readRestMs));
  }

  #rest(ms: number): void {
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), ms);
  }

  #checkEnd(): void {
    if (isBroken(this.#plan)) return;
    const { bytes } = this.#theirs;
    if (this.received !== bytes) this.#fail(this.received, `closed after ${this.received} of ${bytes} bytes`);
    else if (!this.#ended) this.#fail(this.received, 'closed without an end');
  }

  #fail(offset: number, what: string): void {
    const direction = this.#side === 'client' ? 'server to client' : 'client to server';
    this.#report({ connection: this.#plan.id, direction, offset, what });
  }
}
