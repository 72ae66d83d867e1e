import type { Experiment } from '../experiment.ts';

const PORTS = { port: 5000, localPort: 6000 };
const SECRET = 'secret';
const OWN = 'own';

/** Two namespaces have the same addresses and ports, and in the first one the client is gone. */
export const namespaces: Experiment = {
  name: 'namespaces',
  hazard: 'H5 bytes cross namespaces',
  naive: 'broken',
  explanation: "A key has no namespace; guarded compares the ends' sequence numbers too.",

  async perform(stage) {
    stage.load();
    const [first, second] = [await stage.peer(), await stage.peer()];
    await first.pair({ ...PORTS, suffix: ' 1' });
    await first.close('client 1');
    await stage.until(async () => isGone((await first.tcpView('client 1'))?.state), 'the client is gone');
    await second.pair({ ...PORTS, suffix: ' 2' });
    stage.note('client 2', 'has the same ports, in another namespace');
    await first.send('server 1', SECRET);
    await second.send('server 2', OWN);
    await second.finish('server 2');
    const { text } = await second.readAll('client 2');
    const saw =
      text === OWN ? 'nobody else read it' : text.includes(SECRET) ? 'another namespace read it' : `"${text}"`;
    return { saw, behaviour: saw, facts: { read: text } };
  },
};

/** FIN_WAIT2 or TIME_WAIT, or no line at all: the other side knows of the end. */
function isGone(state: string | undefined): boolean {
  return state === undefined || state === '05' || state === '06';
}
