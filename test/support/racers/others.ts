/** Programs of others on the same sockets: their callback flags, and their sockmaps. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { SockKey } from '../../../src/core/index.ts';
import { listKeys } from '../../../src/core/map-elements.ts';
import { PIN } from '../../../src/core/pin-directory.ts';
import { PinnedMaps } from '../../../src/core/pinned.ts';
import type { TestBed } from '../kernel.ts';
import { Neighbour } from '../neighbour.ts';
import { Peers } from '../peers.ts';
import { happens, type Racer } from './racer.ts';

const MESSAGES = 20;

/** Another program wants to hear of each round trip of a connection that is spliced. */
export const listeningToRoundTrips: Racer = async (bed) => {
  using other = new Neighbour();
  other.attach('neighbour_flags', bed.cgroup);
  bed.splice.up({ cgroups: [bed.cgroup] });
  bed.splice.setMode('bypass');
  await using peers = bed.peers();
  const pair = await peers.open();
  await peers.exchange(pair.client, pair.server, MESSAGES, 64);
  const { roundTrips } = other.seen();
  return roundTrips >= MESSAGES / 2 ? null : `it heard of ${roundTrips} round trips of ${MESSAGES}`;
};

/** The same for a connection whose other end is outside, and which leaves the map. */
export const listeningToABystander: Racer = async (bed) => {
  using other = new Neighbour();
  other.attach('neighbour_flags', bed.cgroup);
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using outside = new Peers(null);
  await using inside = bed.peers();
  const { port } = await outside.listen();
  const accepted = outside.accepted();
  const near = await inside.connect(port);
  const far = await accepted;
  for (let message = 0; message < MESSAGES; message++) {
    await inside.send(near, 1, 64);
    await outside.receive(far, 1, 64);
    await outside.send(far, 1, 64);
    await inside.receive(near, 1, 64);
  }
  if (bed.splice.entries().length > 0) return 'the bystander is still an entry';
  const { roundTrips } = other.seen();
  return roundTrips >= MESSAGES / 2 ? null : `it heard of ${roundTrips} round trips of ${MESSAGES}`;
};

/** Another program sets its flags after ours, and wipes ours: nobody would be told of the end. */
export const wipingOurFlags: Racer = async (bed) => {
  using other = new Neighbour('BPF_SOCK_OPS_RTT_CB_FLAG');
  other.attach('neighbour_flags', bed.cgroup);
  const inner = join(bed.cgroup, 'inner');
  mkdirSync(inner);
  try {
    bed.splice.up({ cgroups: [inner] });
    bed.splice.setMode('bypass');
    await using peers = new Peers(inner);
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, MESSAGES, 64);
    await peers.exchange(pair.server, pair.client, MESSAGES, 64);
    await peers.close(pair.client);
    await peers.close(pair.server);
    return (await happens(() => countRecords(bed) === 0)) ? null : `${countRecords(bed)} records stay`;
  } finally {
    rmdirSync(inner);
  }
};

/** Without listing: that would sweep them. */
function countRecords(bed: TestBed): number {
  using pinned = new PinnedMaps(bed.pin);
  return listKeys(pinned.fd(PIN.endpoints), SockKey.from('127.0.0.1:1->127.0.0.1:2').encode().length).length;
}

/** Another sockmap has the sockets already: they are no entries of ours. */
export const readingBefore: Racer = async (bed) => {
  using other = new Neighbour();
  other.judge('neighbour_skb');
  other.attach('neighbour_puts', bed.cgroup);
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  await peers.open('127.0.0.1');
  const entries = bed.splice.entries().length;
  return entries === 0 ? null : `${entries} ends got an entry`;
};
