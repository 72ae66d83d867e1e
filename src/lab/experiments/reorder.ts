import type { Experiment } from '../experiment.ts';

/** A goes by TCP and is not read; then the flow is redirected, and B follows. */
export const reorder: Experiment = {
  name: 'reorder',
  hazard: 'H1 reordering',
  naive: 'broken',
  explanation: "Redirected bytes are read before TCP's; guarded waits until those are read.",

  async perform(stage) {
    stage.load();
    const peer = await stage.peer();
    await peer.pair();
    stage.setRedirecting(false);
    await peer.send('client', 'A');
    await stage.until(async () => (await peer.tcpView('server'))?.unread === 1, 'A has arrived by TCP');
    stage.note('server', 'has "A" in its TCP receive queue and does not read it yet');
    stage.setRedirecting(true);
    await peer.send('client', 'B');
    const text = await peer.read('server', 2);
    const saw = text === 'AB' ? 'in order' : text === 'BA' ? 'B before A' : `"${text}"`;
    return { saw, behaviour: saw };
  },
};
