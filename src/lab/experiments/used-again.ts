import type { Experiment } from '../experiment.ts';

const UNREAD = 'of the first peer';
const ANSWER = 'of the second peer';

/** A socket with unread bytes is disconnected, and used for a connection to another peer. */
export const usedAgain: Experiment = {
  name: 'used-again',
  hazard: 'sockets that are used again',
  naive: 'broken',
  explanation: 'A disconnected socket stays in the map with its queue; guarded takes it out.',

  async perform(stage) {
    stage.load();
    const peer = await stage.peer();
    const text = await peer.reconnect(UNREAD, ANSWER);
    const saw = text === ANSWER ? "read the second peer's answer" : `read "${text}"`;
    return { saw, behaviour: saw };
  },
};
