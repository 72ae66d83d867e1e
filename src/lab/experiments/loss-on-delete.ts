import { SpliceError } from '../../core/index.ts';
import type { Experiment } from '../experiment.ts';
import type { Ports } from '../peer-protocol.ts';
import { keyOf, type Stage } from '../stage.ts';

const FIRST = 'hello';
const SECOND = 'again';

/** A message waits unread; then the reader's entry is deleted, and another message follows. */
export const lossOnDelete: Experiment = {
  name: 'loss-on-delete',
  hazard: 'H2 loss on removal',
  naive: 'broken',
  explanation: 'A deleted entry takes unread bytes along; guarded waits until they are read.',

  async perform(stage) {
    stage.load();
    const peer = await stage.peer();
    const { server } = await peer.pair();
    await peer.send('client', FIRST);
    let got = '';
    if (!(await removeAtOnce(stage, server))) {
      got = await peer.read('server', FIRST.length);
      await removeEntry(stage, server);
    }
    const error = await peer.send('client', SECOND);
    if (error === null) await peer.finish('client');
    got += (await peer.readAll('server')).text;
    const lost = FIRST.length + (error === null ? SECOND.length : 0) - got.length;
    const what = lost === 0 ? 'nothing lost' : `${lost} bytes lost`;
    const saw = error === null ? what : `${what}, then ${error}`;
    return { saw, behaviour: saw, facts: { lostBytes: lost } };
  },
};

/** Deletes the entry under the unread bytes; false when there is none, or guarded refuses. */
async function removeAtOnce(stage: Stage, server: Ports): Promise<boolean> {
  if (!stage.splice) return false;
  const key = keyOf(server);
  const queued = stage.entry(server)?.queuedBytes ?? 0;
  stage.note('splice', `holds ${queued} unread bytes for the server`);
  if (stage.variant === 'naive') {
    await stage.splice.del(key, { force: true });
    stage.note('splice', "deleted the server's entry, as bpftool does");
    return true;
  }
  try {
    await stage.splice.del(key, { timeoutMs: 0 });
    stage.note('splice', "deleted the server's entry");
    return true;
  } catch (error) {
    if (!(error instanceof SpliceError) || error.code !== 'NOT_DRAINED') throw error;
    stage.note('splice', "refused to delete the server's entry: NOT_DRAINED");
    return false;
  }
}

async function removeEntry(stage: Stage, server: Ports): Promise<void> {
  if (!stage.splice) return;
  await stage.splice.del(keyOf(server));
  stage.note('splice', "deleted the server's entry, whose queue is empty");
}
