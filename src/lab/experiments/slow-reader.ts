import { formatBytes } from '../../view/format.ts';
import type { Experiment, Outcome } from '../experiment.ts';

/** Nothing holds naive back before all memory of TCP is taken: here it is stopped. */
const BOUND = 256 << 20;

/** A sender sends without end to a peer that does not read. */
export const slowReader: Experiment = {
  name: 'slow-reader',
  hazard: 'H3 no backpressure',
  naive: 'broken',
  explanation: 'No window holds redirects back; guarded goes by TCP when a queue is full.',

  async perform(stage): Promise<Outcome> {
    stage.load();
    const peer = await stage.peer();
    const { server } = await peer.pair();
    const { taken, blocked, error, digest } = await peer.flood('client', BOUND);
    const queued = stage.entry(server)?.queuedBytes ?? 0;
    if (stage.splice) stage.note('splice', `has ${formatBytes(queued)} in the queue of the server`);
    const facts = { sentBytes: taken, queuedBytes: queued };
    if (!blocked) {
      await peer.stop();
      const end = error === null ? '(stopped there)' : `, then ${error}`;
      return { saw: `${formatBytes(taken)} queued ${end}`, behaviour: 'not blocked', facts };
    }
    const saw = `sender blocked after ${formatBytes(taken)}`;
    await peer.finish('client');
    const all = await peer.readAll('server');
    if (all.digest !== digest) return { saw: `${saw}, bytes lost`, behaviour: 'blocked, bytes lost', facts };
    return { saw, behaviour: 'blocked, every byte arrived', facts };
  },
};
