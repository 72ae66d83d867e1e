/** Sockets that must get no entry, or lose the one that they have. */
import type { SpliceEvent } from '../../../src/core/index.ts';
import type { TestBed } from '../kernel.ts';
import { Lasting } from '../lasting.ts';
import { race } from '../racer.ts';
import { inFolder, type Racer } from './racer.ts';

const SECONDS = '2';

/** A reader that wants to know how many bytes are ready. */
export const askingForMore =
  (when: 'early' | 'late'): Racer =>
  async (bed) => {
    bed.splice.up({ cgroups: [bed.cgroup] });
    const { untold } = await inFolder((folder) => race(bed.cgroup, folder, 'bytes-ready', when));
    return untold === 0 ? null : `the reader was not told ${untold} times`;
  };

/** An entry that asks for a layer above TCP: of this name the kernel has one, and gives it to no program. */
export const layering: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const pair = await peers.open();
  await peers.exchange(pair.client, pair.server, 1, 64);
  const error = await peers.layer(pair.server, 'mptcp');
  return error === 'ENOENT' ? null : `the kernel was asked for it, and said ${error}`;
};

/** A socket that is disconnected with bytes unread, and used again. */
export const usingAgain =
  (way: 'connect' | 'reset' | 'read'): Racer =>
  async (bed) => {
    bed.splice.up({ cgroups: [bed.cgroup] });
    const { wrong, stalls } = await inFolder((folder) => race(bed.cgroup, folder, 'used-again', SECONDS, way));
    return wrong === 0 && stalls === 0 ? null : `${wrong} had wrong bytes, ${stalls} none`;
  };

/** The kernel's limit for a bucket that no user can make longer: bpf/bucket.h. */
const LONGEST_BUCKET = 16;
const BUCKETS = 256;
const CROWD = 40;

/** Connections whose ports are chosen so that all their keys share a bucket. */
export const crowding: Racer = async (bed) => {
  const { opened, keptOut } = await crowd(bed);
  if (opened + keptOut !== CROWD) return `of ${CROWD} ends ${opened} entered and ${keptOut} did not`;
  return opened > LONGEST_BUCKET ? `${opened} entries share a bucket` : null;
};

/** How many of the crowd's ends got an entry, and how many were kept out as a crowd. */
async function crowd(bed: TestBed): Promise<{ opened: number; keptOut: number }> {
  bed.splice.up({ cgroups: [bed.cgroup], maxEntries: BUCKETS });
  using reader = bed.splice.events();
  const port = await inFolder(async (folder) => {
    const { program, said } = await Lasting.start(bed.cgroup, folder, 'collide', String(BUCKETS), String(CROWD));
    await using _program = program;
    return said.port;
  });
  const { events } = reader.read();
  const ends = (is: (event: SpliceEvent) => boolean) =>
    events.filter((event) => event.key.endsWith(`:${port}`) && is(event)).length;
  return {
    opened: ends(({ type }) => type === 'opened'),
    keptOut: ends(({ keptOutReason }) => keptOutReason === 'crowd'),
  };
}
