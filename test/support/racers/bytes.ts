/** What may go wrong with bytes between two ends that have their entries. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SockKey } from '../../../src/core/index.ts';
import { deleteElement } from '../../../src/core/map-elements.ts';
import { PIN } from '../../../src/core/pin-directory.ts';
import { PinnedMaps } from '../../../src/core/pinned.ts';
import { Blocking } from '../blocking.ts';
import type { TestBed } from '../kernel.ts';
import { keysOf } from '../peers.ts';
import { race } from '../racer.ts';
import { ASLEEP_MS, happens, inFolder, type Racer } from './racer.ts';

const [A, B, C] = ['A', 'B', 'C'].map((letter) => letter.repeat(50)) as [string, string, string];

/** A message behind others that went by TCP and are not read yet. */
export const overtaking: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const pair = await peers.open();
  bed.splice.setMode('bypass');
  await peers.send(pair.client, 3, 50);
  bed.splice.setMode('guarded');
  // One is enough: of those behind it fewer are redirected when all of TCP is short of memory.
  await peers.send(pair.client, 1, 50);
  const first = await peers.receive(pair.server, 3, 50);
  const last = await peers.receive(pair.server, 1, 50);
  return first.equal && last.equal ? null : 'bytes came in another order';
};

/** A reader that took a message by TCP, and sleeps on, because it wants more (MSG_WAITALL). */
export const waitingForAll: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using blocking = new Blocking(bed.cgroup);
  await blocking.open();
  bed.splice.setMode('bypass');
  await blocking.send(A);
  await blocking.receive(100, true);
  await sleep(ASLEEP_MS);
  bed.splice.setMode('guarded');
  await blocking.send(B);
  if (!(await happens(() => blocking.received.length === 1))) return 'the reader is not woken';
  await blocking.receive(50, true);
  await blocking.send(C);
  if (!(await happens(() => blocking.received.length === 2))) return 'the reader is not woken later';
  return blocking.received.join() === `${A}${B},${C}` ? null : `it read ${blocking.received}`;
};

/** A reader that entered tcp_recvmsg before its socket had an entry, and is about to fall asleep there. */
export const adoptingABusyReader: Racer = async (bed) =>
  await inFolder(async (folder) => {
    const [ready, begin, go] = ['ready', 'begin', 'go'].map((name) => join(folder, name)) as [string, string, string];
    const result = race(bed.cgroup, folder, 'busy-reader', ready, begin, go);
    await Promise.race([result, happens(() => existsSync(ready))]);
    bed.splice.up({ cgroups: [bed.cgroup] });
    writeFileSync(begin, '');
    await sleep(ASLEEP_MS);
    const { adopted } = bed.splice.adopt();
    writeFileSync(go, '');
    const { read } = await result;
    if (adopted !== 1) return `${adopted} connections were adopted`;
    return read ? null : 'the reader sleeps on';
  });

/** A reader that does not read, with a receive buffer of its own choice. */
export const flooding: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const pair = await peers.open();
  const limit = await peers.receiveBuffer(pair.server, 100_000);
  const keys = keysOf(pair);
  const queued = () => bed.splice.lookup(keys.server)?.queuedBytes ?? 0;
  await peers.send(pair.client, 200, 3000);
  await happens(() => queued() > limit || (bed.splice.lookup(keys.client)?.passes.backlog ?? 0) > 0);
  const most = queued();
  const { equal } = await peers.receive(pair.server, 200, 3000);
  if (!equal) return 'bytes came in another order';
  return most > limit ? `${most} bytes waited in a queue of ${limit}` : null;
};

/** The same with messages of one byte, each of which takes a thousand times as much. */
export const floodingWithCrumbs: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using peers = bed.peers();
  const pair = await peers.open();
  await peers.receiveBuffer(pair.server, 100_000);
  const { client } = keysOf(pair);
  await peers.send(pair.client, 1000, 1);
  await happens(() => {
    const { redirects = 0, passes } = bed.splice.lookup(client) ?? {};
    return redirects === 1000 || (passes?.backlog ?? 0) > 0;
  });
  const redirects = bed.splice.lookup(client)?.redirects ?? 0;
  await peers.receive(pair.server, 1000, 1);
  return redirects > 500 ? `${redirects} messages waited in the memory of 200` : null;
};

/** An end whose entry goes between the verdict and the redirect: its record is there still. */
export const losingThePeer: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using blocking = new Blocking(bed.cgroup);
  const port = await blocking.open();
  loseEntry(bed, port);
  try {
    await blocking.send(A);
  } catch (error) {
    return String(error);
  }
  await blocking.receive(50, true);
  return (await happens(() => blocking.received[0] === A)) ? null : 'the message is lost';
};

/** Takes the socket with this port out of the sockhash, and leaves its record. */
function loseEntry(bed: TestBed, port: number): void {
  const { key } = bed.splice.entries().find((entry) => entry.sport === port) ?? {};
  using pinned = new PinnedMaps(bed.pin);
  deleteElement(pinned.fd(PIN.map), SockKey.from(key as string).encode());
}

/** A socket of another network namespace under the peer's key, with sequence numbers that fit. */
export const crossingNamespaces: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  const { crossed } = await inFolder((folder) => race(bed.cgroup, folder, 'other-namespace'));
  return crossed === 0 ? null : `${crossed} bytes crossed`;
};

/** A message behind the end of the stream: shutdown(SHUT_WR), and then send(). */
export const sendingAfterTheEnd: Racer = async (bed) => {
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using blocking = new Blocking(bed.cgroup);
  await blocking.open();
  await blocking.send(A);
  await blocking.receive(50);
  await happens(() => blocking.received.length === 1);
  await blocking.end();
  // The end counts as a byte: while it is not read, the order rule has the message pass.
  await blocking.receive(50);
  await happens(() => blocking.received.length === 2);
  try {
    await blocking.send(B);
  } catch {
    return null;
  }
  return 'a message was sent behind the end of the stream';
};
