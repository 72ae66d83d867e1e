/** Readers that are told once, by whatever tells them. */
import { EdgeReader } from '../edge-reader.ts';
import { happens, inFolder, type Racer } from './racer.ts';

const SIZE = 1000;

/**
 * A message that should go by TCP behind one that was redirected, and neither is read yet: a read
 * ends where the redirected bytes end, and the reader takes that for all.
 */
export const sendingBehindARedirect =
  (way: 'epoll' | 'sigio' | 'uring'): Racer =>
  async (bed) => {
    bed.splice.up({ cgroups: [bed.cgroup] });
    return await inFolder(async (folder) => {
      await using peers = bed.peers();
      await using reader = new EdgeReader(bed.cgroup, folder, way);
      const client = await peers.connect(await reader.port());
      await reader.watching();
      await peers.send(client, 1, SIZE);
      bed.splice.setMode('bypass');
      await peers.send(client, 1, SIZE);
      reader.begin();
      const isRead = await happens(() => reader.total === 2 * SIZE);
      return isRead ? null : `the reader waits after ${reader.total} bytes of ${2 * SIZE}`;
    });
  };
