/** Traffic that goes on while something else is done, each byte of it compared. */
import type { End, Peers } from './peers.ts';

/** One end of a connection, and the process that has it. */
export interface Talker {
  readonly peers: Peers;
  readonly end: End;
}

/**
 * Sends both ways all the time, over one connection after the other: a process does one thing at a time.
 * @returns ends it, and tells whether every byte arrived at its place
 */
export function keepTalking(...connections: (readonly [Talker, Talker])[]): () => Promise<boolean> {
  let stopped = false;
  const say = async (from: Talker, to: Talker, count: number, size: number) => {
    await from.peers.send(from.end, count, size);
    return (await to.peers.receive(to.end, count, size)).equal;
  };
  const talk = (async () => {
    let equal = true;
    while (!stopped) {
      for (const [one, other] of connections) {
        equal = (await say(one, other, 5, 64)) && (await say(other, one, 5, 1000)) && equal;
      }
    }
    return equal;
  })();
  return () => {
    stopped = true;
    return talk;
  };
}
