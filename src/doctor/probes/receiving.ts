/** Ways to read a socket, and what they tell of the bytes. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  dontBlock,
  endSending,
  MSG,
  OPTION,
  POLLIN,
  POLLPRI,
  pipe,
  poll,
  receive,
  send,
  setOption,
} from '../../core/libc.ts';
import { discard, exchangeOption, receiveMessage, splice } from '../../core/unusual-calls.ts';
import { bytesReceived, IN_VAIN_MS, orError, PATIENCE_MS, type Pair, type Probe } from './pair.ts';

/** `struct tcp_zerocopy_receive` (include/uapi/linux/tcp.h), and in it how many bytes are to be read otherwise. */
const ZEROCOPY_BYTES = 64;
const RECV_SKIP_HINT = 12;

export const RECEIVING = {
  splice: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    dontBlock(to);
    return orError(() => `${splice(to, pipe().writing, 5)} of 5 bytes`);
  },

  spliceEnd: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    endSending(from);
    poll(to, POLLIN, PATIENCE_MS);
    dontBlock(to);
    const moved = orError(() => String(splice(to, pipe().writing, 5)));
    return moved === '0' ? 'the end, before 5 bytes' : `${moved} of 5 bytes`;
  },

  discard: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    return orError(() => `${discard(to, 5)} of 5 bytes`);
  },

  peekOffset: ({ from, to }: Pair) => {
    setOption(to, OPTION.PEEK_OFF, 0);
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    return [3, 2].map((size) => `'${receive(to, size, MSG.PEEK)}'`).join(', then ');
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

  timestamp: async ({ from, to }: Pair) => {
    setOption(to, OPTION.TIMESTAMP, 1);
    // The kernel begins to note the time of packets a moment after the first socket asks for it.
    for (let tries = 0; tries < 10; tries++) {
      send(from, Buffer.from('hello'));
      if (controlOf(to, OPTION.TIMESTAMP)) return 'a time';
      await sleep(20);
    }
    return 'no time';
  },

  bytesLeft: ({ from, to }: Pair) => {
    setOption(to, OPTION.TCP_INQ, 1);
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    const left = controlOf(to, OPTION.TCP_INQ, 2);
    return left ? `${left.readInt32LE(0)} of 3 bytes` : 'no number';
  },

  zeroCopyReceive: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    const asked = Buffer.alloc(ZEROCOPY_BYTES);
    return orError(() => {
      exchangeOption(to, OPTION.TCP_ZEROCOPY_RECEIVE, asked);
      return `${asked.readUInt32LE(RECV_SKIP_HINT)} of 5 bytes`;
    });
  },

  tcpInfo: ({ from, to }: Pair) => {
    const before = bytesReceived(to);
    send(from, Buffer.from('hello'));
    receive(to, 5, MSG.WAITALL);
    return `${bytesReceived(to) - before} of 5 bytes`;
  },
} satisfies Record<string, Probe>;

/** What recvmsg(2) tells by the name of an option. */
function controlOf(fd: number, [level, name]: readonly [number, number], size = 5): Buffer | undefined {
  return receiveMessage(fd, size).controls.find((control) => control.level === level && control.type === name)?.data;
}
