import { expect, test } from 'vitest';
import { SockKey } from '../../src/core/index.ts';
import { deleteElement } from '../../src/core/map-elements.ts';
import { PIN } from '../../src/core/pin-directory.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { Blocking } from '../support/blocking.ts';
import { TestBed, until } from '../support/kernel.ts';

/** The entry of an end leaves the sockhash, and its record stays: so it is between a verdict and its redirect. */
async function loseServer(bed: TestBed, port: number): Promise<void> {
  const { key } = bed.splice.entries().find((entry) => entry.sport === port) ?? {};
  using pinned = new PinnedMaps(bed.pin);
  expect(deleteElement(pinned.fd(PIN.map), SockKey.from(key as string).encode())).toBe(true);
}

describeKernel('a peer that leaves the map between verdict and redirect', () => {
  test('gets the message by TCP, and no send fails', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using blocking = new Blocking(bed.cgroup);
    const port = await blocking.open();
    for (const text of ['redirected', 'by TCP', 'by TCP, too']) {
      await blocking.send(text);
      await blocking.receive(100);
      await until(() => blocking.received.at(-1) === text, 'it arrived');
      if (text === 'redirected') await loseServer(bed, port);
    }
    const { redirects, passes } = bed.splice.entries()[0] ?? {};
    expect({ redirects, passes }).toEqual({
      redirects: 1,
      passes: { noPeer: 2, order: 0, backlog: 0, pair: 0, bypass: 0 },
    });
  });

  test('fails the send where the program returns what the helper says', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await using blocking = new Blocking(bed.cgroup);
    await loseServer(bed, await blocking.open());
    await expect(blocking.send('lost')).rejects.toThrow('EACCES');
  });
});
