/** What a connection of the stress test does. Both of its ends work it out from the same numbers. */
import { Random } from './random.ts';

export type Side = 'client' | 'server';
const SIDES: readonly Side[] = ['client', 'server'];

/** What one end does. */
export interface EndPlan {
  /** Names the stream of bytes that it sends. */
  stream: number;
  /** How many bytes it sends. */
  bytes: number;
  largestWrite: number;
  /** How often it rests after a write, and for how long at most. */
  restChance: number;
  restMs: number;
  /** How often its reader rests after a chunk, and for how long at most. */
  readRestChance: number;
  readRestMs: number;
  /** How long it reads nothing at all, at first. */
  sleepMs: number;
  /** Tears the connection down after that many bytes sent; null for the orderly end. */
  breaksAt: number | null;
}

export interface Plan {
  id: number;
  /** Each end sends only when the other has answered: one message is under way at a time. */
  lockstep: boolean;
  /** How it is torn down, if it is: with a reset, or with a close that leaves bytes unread. */
  breakWith: 'reset' | 'destroy';
  client: EndPlan;
  server: EndPlan;
}

const MIB = 1 << 20;

/** The plan of the connection with a number. */
export function planConnection(seed: number, id: number): Plan {
  const random = new Random(seed, id);
  const lockstep = random.chance(0.3);
  const breakWith = random.chance(0.5) ? 'reset' : 'destroy';
  const breaker = random.chance(0.15) ? random.pick(SIDES) : undefined;
  const client = planEnd(random, id * 2, breaker === 'client');
  const server = planEnd(random, id * 2 + 1, breaker === 'server');
  if (lockstep) client.bytes = server.bytes = Math.min(client.bytes, 512 << 10);
  return { id, lockstep, breakWith, client, server };
}

/** Whether the connection is torn down before everything has arrived. */
export function isBroken({ client, server }: Plan): boolean {
  return client.breaksAt !== null || server.breaksAt !== null;
}

function planEnd(random: Random, stream: number, breaks: boolean): EndPlan {
  const bytes = random.size(random.chance(0.2) ? 16 * MIB : 2 * MIB);
  // Small writes only for short streams: a long one would take longer than the test.
  const largestWrite = Math.min(MIB, Math.max(random.size(MIB), bytes >> 9));
  const slow = random.chance(0.25);
  return {
    stream,
    bytes,
    largestWrite,
    restChance: random.pick([0, 0, 0.02, 0.2]) ?? 0,
    restMs: random.size(100),
    readRestChance: slow ? random.next() * 0.5 : 0,
    readRestMs: random.size(60),
    sleepMs: slow && random.chance(0.4) ? random.int(100, 3000) : 0,
    breaksAt: breaks ? random.int(0, bytes >> 1) : null,
  };
}
