import type { Experiment } from '../experiment.ts';
import { askAndAnswer } from '../question.ts';

const LEAVING_MS = 1_000;

/** A client inside of the spliced cgroup, and its server outside of it: nothing can be redirected. */
export const bystander: Experiment = {
  name: 'bystander',
  hazard: 'H6 bystanders pay',
  naive: 'broken',
  explanation: 'An entry costs even without a peer; guarded drops it after one round trip.',

  async perform(stage) {
    stage.load();
    const namespace = stage.namespace();
    const outside = await stage.peer(namespace, 'outside');
    const inside = await stage.peer(namespace);
    const client = await inside.connect('client', await outside.listen());
    await outside.accept('server');

    // The first round trip by TCP, which alone would do for an end that is not to be redirected.
    stage.setRedirecting(false);
    const first = await askAndAnswer(inside, outside);
    const free = await stage.becomes(() => stage.entry(client) === null, LEAVING_MS);
    const where = free ? 'not in the map' : 'still in the map';
    stage.note('client', `${where} after its first round trip`);
    stage.setRedirecting(true);
    const second = await askAndAnswer(inside, outside);
    const saw = `${where}, ${first ?? second ?? 'all arrived'}`;
    return { saw, behaviour: saw, facts: { inMap: !free } };
  },
};
