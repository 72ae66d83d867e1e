import type { Experiment } from '../experiment.ts';
import { askAndAnswer } from '../question.ts';

/** A client of a dual-stack listener, whose sockets are IPv4 in IPv6 clothes. */
export const absentPeer: Experiment = {
  name: 'absent-peer',
  hazard: 'H4 absent peer',
  naive: 'broken',
  explanation: 'To naive a listener on :: is absent, which fails the send; guarded knows it.',

  async perform(stage) {
    stage.load();
    const peer = await stage.peer();
    const { client, server } = await peer.pair({ host: '::' });
    if (stage.splice) {
      const [ends, known] = [[client, server], (end: typeof client) => stage.entry(end) !== null];
      stage.note('splice', `has ${ends.filter(known).length} of the 2 ends in its map`);
    }
    const error = await askAndAnswer(peer, peer);
    const saw = error ?? 'question and answer arrived';
    return { saw, behaviour: saw };
  },
};
