/**
 * What an application does with a socket, and what it sees: run the same on plain TCP and on a spliced
 * connection. Each probe answers with a few words; where the words are the same, the sockets are.
 */
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KernelError } from '../core/kernel-error.ts';
import {
  askSocket,
  dontBlock,
  FIONREAD,
  getOption,
  interruptEvery,
  MSG,
  OPTION,
  POLLERR,
  POLLIN,
  POLLPRI,
  pipe,
  poll,
  receive,
  receiveAside,
  SIOCOUTQ,
  send,
  setOption,
  splice,
} from '../core/libc.ts';

/** Both ends of a connection, and the switch: `byTcp` resolves when all goes by TCP from here on. */
export interface Pair {
  from: number;
  to: number;
  byTcp: () => Promise<void>;
}

/** For what comes in any case. */
const PATIENCE_MS = 2_000;
/** For what comes on one of the two sockets only. */
const IN_VAIN_MS = 1_000;
/** In `struct tcp_info` (include/uapi/linux/tcp.h). */
const BYTES_RECEIVED = 128;

/** How many bytes a socket ever received by TCP; redirected ones are not among them. */
export function bytesReceived(fd: number): number {
  return Number(getOption(fd, OPTION.TCP_INFO).readBigUInt64LE(BYTES_RECEIVED));
}

export const PROBES = {
  /** Nothing more than what every probe begins with. */
  redirect: () => 'alive',

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

  splice: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    dontBlock(to);
    return orError(() => `${splice(to, pipe().writing, 5)} of 5 bytes`);
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

  zeroCopy: ({ from, to }: Pair) => {
    setOption(from, OPTION.ZEROCOPY, 1);
    const sent = send(from, Buffer.alloc(16_384, 'x'), MSG.ZEROCOPY);
    for (let left = sent; left > 0; ) left -= receive(to, left).length;
    if (poll(from, 0, IN_VAIN_MS) !== POLLERR) return 'no completion';
    receive(from, 1, MSG.ERRQUEUE | MSG.DONTWAIT);
    return 'a completion';
  },

  outOfBand: ({ from, to }: Pair) => {
    for (const [byte, flags] of [
      ['a', 0],
      ['!', MSG.OOB],
      ['z', 0],
    ] as const)
      send(from, Buffer.from(byte), flags);
    const urgent = poll(to, POLLPRI, IN_VAIN_MS) === 0 ? 'nothing' : orError(() => `'${receive(to, 1, MSG.OOB)}'`);
    let inBand = '';
    while (!inBand.endsWith('z')) inBand += receive(to, 8);
    return `${urgent} out of band, '${inBand}' in band`;
  },

  interrupted: ({ to }: Pair) => {
    interruptEvery(50);
    return orError(() => `${receive(to, 5).length} bytes`);
  },

  sendQueue: ({ from }: Pair) => {
    // MSG_MORE holds bytes back for 200 ms; on a busy machine they may be gone before we look.
    let held = 0;
    for (let tries = 0; held === 0 && tries < 5; tries++) {
      send(from, Buffer.from('hello'), MSG.MORE);
      held = askSocket(from, SIOCOUTQ);
    }
    return `${held} of 5 bytes`;
  },

  tcpInfo: ({ from, to }: Pair) => {
    const before = bytesReceived(to);
    send(from, Buffer.from('hello'));
    receive(to, 5, MSG.WAITALL);
    return `${bytesReceived(to) - before} of 5 bytes`;
  },

  kernelTls: ({ from, to }: Pair) => {
    for (const [step, action] of [
      ['TCP_ULP', () => setOption(from, OPTION.TCP_ULP, Buffer.from('tls'))],
      ['TCP_ULP', () => setOption(to, OPTION.TCP_ULP, Buffer.from('tls'))],
      ['TLS_TX', () => setOption(from, OPTION.TLS_TX, tlsKey())],
      ['TLS_RX', () => setOption(to, OPTION.TLS_RX, tlsKey())],
    ] as const) {
      const answer = orError(() => {
        action();
        return 'done';
      });
      if (answer !== 'done') return `${step} is ${answer}`;
    }
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    return orError(() => `'${receive(to, 5, MSG.DONTWAIT)}'`);
  },

  closedUnread: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    closeSync(to);
    poll(from, POLLIN, PATIENCE_MS);
    return orError(() => (receive(from, 1, MSG.DONTWAIT).length === 0 ? 'end of stream' : 'a byte'));
  },
} as const satisfies Record<string, (pair: Pair) => string | Promise<string>>;

export type ProbeName = keyof typeof PROBES;

/** A struct tls12_crypto_info_aes_gcm_128 (include/uapi/linux/tls.h) whose keys and numbers are all zero. */
function tlsKey(): Buffer {
  const info = Buffer.alloc(40);
  info.writeUInt16LE(0x0303, 0); // TLS 1.2
  info.writeUInt16LE(51, 2); // TLS_CIPHER_AES_GCM_128
  return info;
}

/** The name of the errno is what an application sees of a failure. */
function orError(action: () => string): string {
  try {
    return action();
  } catch (error) {
    if (error instanceof KernelError) return error.errnoName;
    throw error;
  }
}
