/** The switch, and entries that are taken out, while their connections are used. */
import { EdgeReader } from '../edge-reader.ts';
import type { TestBed } from '../kernel.ts';
import { openQueued } from '../queued.ts';
import { happens, inFolder, type Racer } from './racer.ts';

/** How many messages were redirected in all. */
function redirectsOf(bed: TestBed): number {
  const status = bed.splice.status();
  return status.loaded ? status.totals.redirects : Number.NaN;
}

/** Messages under bypass. */
export const bypassing: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const pair = await peers.open();
  bed.splice.setMode('bypass');
  await peers.exchange(pair.client, pair.server, 5, 64);
  const redirects = redirectsOf(bed);
  return redirects === 0 ? null : `${redirects} messages were redirected`;
};

/** A message to an entry that `del` waits to take out: it must not make the queue longer. */
export const removingOne: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const queued = await openQueued(bed, peers);
  const before = redirectsOf(bed);
  const removed = bed.splice.del(queued.keys.server);
  await peers.send(queued.pair.client, 1, 64);
  const redirects = redirectsOf(bed) - before;
  const isRead = await queued.read();
  await removed;
  await peers.receive(queued.pair.server, 1, 64);
  if (!isRead) return 'bytes came in another order';
  return redirects === 0 ? null : `${redirects} messages were redirected`;
};

/** The same with `down`, and a reader that the switch alone does not keep redirects from. */
export const removingAll: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  return await inFolder(async (folder) => {
    await using peers = bed.peers();
    await using reader = new EdgeReader(bed.cgroup, folder);
    const client = await peers.connect(await reader.port());
    await reader.watching();
    await peers.send(client, 1, 1000);
    const before = redirectsOf(bed);
    const removed = bed.splice.down();
    await peers.send(client, 1, 1000);
    const redirects = redirectsOf(bed) - before;
    reader.begin();
    await removed;
    if (!(await happens(() => reader.total === 2000))) return `the reader waits after ${reader.total} bytes of 2000`;
    return redirects === 0 ? null : `${redirects} messages were redirected`;
  });
};

/** A connection that is made while `down` waits. */
export const connectingMeanwhile: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const queued = await openQueued(bed, peers);
  const before = bed.splice.entries().length;
  const removed = bed.splice.down();
  await peers.pair();
  const entered = bed.splice.entries().length - before;
  await queued.read();
  await removed;
  return entered === 0 ? null : `${entered} ends got an entry`;
};
