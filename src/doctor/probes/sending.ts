/** Ways to send, what a sender is told of its bytes, and how connections end. */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { sendByRing } from '../../core/io-uring.ts';
import { askSocket, MSG, OPTION, POLLERR, POLLIN, poll, receive, SIOCOUTQ, send, setOption } from '../../core/libc.ts';
import { resetOnClose, sendFromNowhere, setLoopback } from '../../core/unusual-calls.ts';
import { IN_VAIN_MS, orError, PATIENCE_MS, type Pair, type Probe } from './pair.ts';

/** include/uapi/linux/net_tstamp.h: TX_SOFTWARE, SOFTWARE, TX_SCHED, OPT_TSONLY. */
const STAMP_SENDING = 0x2 | 0x10 | 0x100 | 0x800;

export const SENDING = {
  zeroCopy: ({ from, to }: Pair) => {
    setOption(from, OPTION.ZEROCOPY, 1);
    const sent = send(from, Buffer.alloc(16_384, 'x'), MSG.ZEROCOPY);
    for (let left = sent; left > 0; ) left -= receive(to, left).length;
    return told(from) ? 'a completion' : 'no completion';
  },

  ringZeroCopy: ({ from }: Pair) => orError(() => `${sendByRing(from, Buffer.from('hello'))} of 5 bytes`),

  transmitTime: ({ from }: Pair) => {
    setOption(from, OPTION.TIMESTAMPING, STAMP_SENDING);
    send(from, Buffer.from('hello'));
    return told(from) ? 'a time' : 'no time';
  },

  badPage: ({ from }: Pair) => orError(() => `${sendFromNowhere(from, 5)} bytes`),

  sendQueue: ({ from }: Pair) => {
    // MSG_MORE holds bytes back for 200 ms; on a busy machine they may be gone before we look.
    let held = 0;
    for (let tries = 0; held === 0 && tries < 5; tries++) {
      send(from, Buffer.from('hello'), MSG.MORE);
      held = askSocket(from, SIOCOUTQ);
    }
    return `${held} of 5 bytes`;
  },

  resetWhileBlocked: ({ from, to }: Pair) => {
    resetOnClose(to);
    // The only one that holds the peer's end, and lets go of it when this process sleeps in send(2).
    spawn('sleep', ['1'], { stdio: [to, 'ignore', 'ignore'] });
    closeSync(to);
    return orError(() => {
      for (const bytes = Buffer.alloc(65_536); ; ) send(from, bytes);
    });
  },

  closedUnread: ({ from, to }: Pair) => {
    send(from, Buffer.from('hello'));
    poll(to, POLLIN, PATIENCE_MS);
    closeSync(to);
    poll(from, POLLIN, PATIENCE_MS);
    return orError(() => (receive(from, 1, MSG.DONTWAIT).length === 0 ? 'end of stream' : 'a byte'));
  },

  linkDown: ({ from, to }: Pair) => {
    setLoopback(from, false);
    send(from, Buffer.from('hello'));
    return poll(to, POLLIN, IN_VAIN_MS) === 0 ? 'nothing arrives' : 'a message arrives';
  },
} satisfies Record<string, Probe>;

/** Whether something is in the error queue, where the kernel reports what became of bytes. */
function told(fd: number): boolean {
  if (poll(fd, 0, IN_VAIN_MS) !== POLLERR) return false;
  receive(fd, 1, MSG.ERRQUEUE | MSG.DONTWAIT);
  return true;
}
