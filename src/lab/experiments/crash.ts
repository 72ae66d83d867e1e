import { existsSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { listNames, MOST_NAMES } from '../../core/bounded-file.ts';
import type { Experiment } from '../experiment.ts';
import type { Stage } from '../stage.ts';

const MESSAGES = 100;
const TEXT = 'after';
const ARRIVAL_MS = 500;

/** The tool that loaded the splice is killed while traffic runs; what it left is removed; traffic goes on. */
export const crash: Experiment = {
  name: 'crash',
  hazard: 'H8 a dying tool',
  naive: 'broken',
  explanation: "Detaching, all a textbook tool does, ends no redirection; 'splice down' does.",

  async perform(stage) {
    const loader = await stage.loader();
    const peer = await stage.peer();
    const { client } = await peer.pair();
    await peer.startTalk('client', 'server');
    const redirects = () => stage.entry(client)?.redirects ?? 0;
    if (loader) {
      await stage.until(() => redirects() >= MESSAGES, 'traffic is redirected');
      await loader.stop();
      stage.note('loader', 'killed with SIGKILL');
      const then = redirects();
      await stage.until(() => redirects() >= then + MESSAGES, 'redirection goes on');
      stage.note('splice', 'goes on redirecting');
    }
    const { messages, intact } = await peer.stopTalk(MESSAGES);
    await clean(stage);

    // The other direction: nobody has read from this end, so nobody reads ahead.
    await peer.send('server', TEXT);
    const byTcp = await stage.becomes(async () => (await peer.tcpView('client'))?.unread === TEXT.length, ARRIVAL_MS);
    stage.note('client', byTcp ? 'has it in its TCP receive queue' : 'has it, and TCP knows nothing of it');
    const arrived = intact && (await peer.read('client', TEXT.length)) === TEXT;
    const saw = `${arrived ? 'all arrived' : 'bytes lost'}, ${byTcp ? 'TCP in the end' : 'still redirected'}`;
    return { saw, behaviour: saw, facts: { messages, pinsLeft: existsSync(stage.pin) } };
  },
};

/**
 * Removes the dead tool's splice. A textbook tool has no `down`: all that is left to do is to detach
 * its programs, which removing their pins does.
 */
async function clean(stage: Stage): Promise<void> {
  if (stage.variant === 'guarded') {
    const { removed, lostBytes } = (await stage.splice?.down()) ?? {};
    stage.note('splice', `down: ${removed} entries removed, ${lostBytes} bytes lost`);
  }
  if (stage.variant === 'naive') {
    for (const name of listNames(stage.pin, MOST_NAMES)) unlinkSync(join(stage.pin, name));
    rmdirSync(stage.pin);
    stage.note('splice', 'unpinned, and so detached: no tool has it any more');
  }
}
