/** Connections that leave the map by themselves, between two messages. */
import { race } from '../racer.ts';
import { happens, inFolder, type Racer } from './racer.ts';

const SECONDS = '3';
/** More than STREAM_MESSAGES of bpf/leave.h, and than fit into a queue. */
const STREAM = 20_000;

/** A stream of small messages, which had better leave; but nobody has read any of it. */
export const streamingUnread: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const pair = await peers.open();
  await peers.send(pair.client, STREAM, 64);
  let read: { equal: boolean } | undefined;
  peers.receive(pair.server, STREAM, 64).then(
    (result) => {
      read = result;
    },
    () => {},
  );
  if (!(await happens(() => read !== undefined))) {
    // It would wait for them for ever.
    peers.process.kill('SIGKILL');
    return 'bytes are lost';
  }
  return read?.equal ? null : 'bytes came in another order';
};

/** The other end answers just then; it takes tens of rounds to meet, and there are hundreds. */
export const answeringMeanwhile: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  const { lost, failed } = await inFolder((folder) => race(bed.cgroup, folder, 'leaving-race', SECONDS));
  return lost === 0 && failed === 0 ? null : `${lost} answers are lost, ${failed} sends failed`;
};
