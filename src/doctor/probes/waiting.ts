/** How a reader learns that bytes are there, and how it waits for them. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  askSocket,
  FIONREAD,
  MSG,
  OPTION,
  POLLIN,
  poll,
  receive,
  receiveAside,
  send,
  setOption,
} from '../../core/libc.ts';
import { interruptEvery } from '../../core/unusual-calls.ts';
import { IN_VAIN_MS, orError, PATIENCE_MS, type Pair, type Probe } from './pair.ts';

/** Stops a process that is asleep in a call, lets it go on, and then sends it a message. */
const STOP_AND_SEND = 'sleep 0.3; kill -STOP "$1"; sleep 0.1; kill -CONT "$1"; sleep 0.3; printf hello';

export const WAITING = {
  fionreadRedirected: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    return `${askSocket(to, FIONREAD)} of 5 bytes`;
  },

  fionreadTcp: async ({ from, to, byTcp }: Pair) => {
    await byTcp();
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    return `${askSocket(to, FIONREAD)} of 5 bytes`;
  },

  waitAll: async ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    const received = receiveAside(to, Buffer.alloc(10), MSG.WAITALL);
    // Once the first half is taken, the reader either waits for the other one or has returned.
    for (let waited = 0; poll(to, POLLIN, 0) !== 0 && waited < PATIENCE_MS; waited += 5) await sleep(5);
    await sleep(50);
    send(from, Buffer.from('world'));
    return `${await received} of 10 bytes`;
  },

  lowWater: ({ from, to }: Pair) => {
    setOption(to, OPTION.RCVLOWAT, 10);
    send(from, Buffer.from('hello'));
    const early = poll(to, POLLIN, IN_VAIN_MS) !== 0;
    send(from, Buffer.from('world'));
    if (poll(to, POLLIN, PATIENCE_MS) === 0) return 'never readable';
    return `readable at ${early ? 5 : 10} of 10 bytes`;
  },

  interrupted: ({ to }: Pair) => {
    interruptEvery(50);
    return orError(() => `${receive(to, 5).length} bytes`);
  },

  stopped: ({ from, to }: Pair) => {
    spawn('/bin/sh', ['-c', STOP_AND_SEND, 'sh', String(process.pid)], { stdio: ['ignore', from, 'ignore'] });
    return orError(() => `${receive(to, 5).length} bytes`);
  },
} satisfies Record<string, Probe>;
