/** Waiting until what was redirected is read, before an entry goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from './entry.ts';

/** How an edit waits for readers. */
export interface DrainOptions {
  /** Drops what is not read in time. */
  force?: boolean;
  /** How long to wait for readers, in milliseconds. */
  timeoutMs?: number;
  /** Aborting it ends the waiting with INTERRUPTED; what was not removed by then stays. */
  signal?: AbortSignal;
}

/** What came of the waiting: entries that are left, because nobody reads them or the signal came. */
export type Drained = { left: readonly Entry[]; interrupted: boolean };

/**
 * A message that was redirected just before the switch was flipped may still be on its way into the
 * queue: the verdict is given under the sender's lock, the queue is filled after it, under the
 * reader's (net/ipv4/tcp_bpf.c, tcp_bpf_send_verdict). The kernel does not say when it is there;
 * it takes microseconds, or as long as a cgroup's CPU quota stops the sender (periods of 100 ms), and
 * then as long as the reader keeps its lock: Entry.isDrained. A message that comes later still fails with EPIPE.
 */
const SETTLE_MS = 250;
const POLL_MS = 10;

/**
 * Gives messages under way time to arrive, and then removes entries as their readers read. Nothing is
 * redirected to them any more: the caller has seen to that.
 * @param removeDrained removes the entries whose queue is empty, and returns the others
 */
export async function drain(
  removeDrained: () => readonly Entry[],
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Drained> {
  let left: readonly Entry[] = [];
  let deadline: number | undefined;
  for (;;) {
    if (!(await pause(deadline === undefined ? SETTLE_MS : POLL_MS, signal))) return { left, interrupted: true };
    deadline ??= performance.now() + timeoutMs;
    left = removeDrained();
    if (left.length === 0 || performance.now() >= deadline) return { left, interrupted: false };
  }
}

/** False when the signal came first. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, signal && { signal });
    return true;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
}
