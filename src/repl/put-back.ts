/** Putting an entry back that was deleted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type SockKey, type Splice, SpliceError } from '../core/index.ts';

/** How long a call that sleeps on the socket since before the deletion is waited for. */
const PATIENCE_MS = 5000;
const POLL_MS = 50;

/**
 * Puts the socket that had this cookie under its key again, whoever has it open.
 * @param lostBytes what the deletion dropped
 * @returns a sentence for the user
 * @throws SpliceError NOT_UNDONE when its connection has ended; SOCKET_BUSY when a call goes on sleeping on it
 */
export async function putBack(
  splice: Splice,
  key: SockKey,
  cookie: string | undefined,
  signal: AbortSignal,
  lostBytes: number,
): Promise<string> {
  const socket = splice.findSockets(key).find((found) => found.cookie === cookie);
  if (!socket) {
    const why = `${key} cannot be put back: its connection has ended, or no process here has it open any more`;
    throw new SpliceError('NOT_UNDONE', why, 'entries(), which shows what there is');
  }
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await splice.put(key, { pid: socket.pid, fd: socket.fd });
      const gap = lostBytes === 0 ? '' : ` The ${lostBytes} bytes that were dropped do not come back.`;
      return `${key} has its entry again (descriptor ${socket.fd} of process ${socket.pid}).${gap}`;
    } catch (error) {
      const isBusy = error instanceof SpliceError && error.code === 'SOCKET_BUSY';
      if (!isBusy || performance.now() > deadline) throw error;
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}
