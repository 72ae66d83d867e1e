/** Two network namespaces with the same addresses and ports, spliced together: no byte crosses. */
import { expect, test } from 'vitest';
import { findIp } from '../../src/host/hosts.ts';
import { runTool } from '../../src/host/tools.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import type { Peers } from '../support/peers.ts';

/** A container's worth: a network namespace with nothing but lo, and a process in it. */
class Container implements AsyncDisposable {
  readonly peers: Peers;
  readonly #name: string;

  constructor(bed: TestBed, name: string) {
    this.#name = `${bed.name}-${name}`;
    runTool(findIp(), ['netns', 'add', this.#name]);
    // Both count their ports from the same number on.
    runTool(findIp(), ['netns', 'exec', this.#name, 'sh', '-c', PORTS]);
    this.peers = bed.peers([findIp(), 'netns', 'exec', this.#name]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peers[Symbol.asyncDispose]();
    runTool(findIp(), ['netns', 'delete', this.#name]);
  }
}

/** One port for the one client there is; the listener asks for its own. */
const CLIENT_PORT = 40_000;
const SERVER_PORT = 40_001;
const PORTS = `ip link set lo up && echo ${CLIENT_PORT} ${SERVER_PORT} > /proc/sys/net/ipv4/ip_local_port_range`;

type End = 'client' | 'server';

describeKernel('two namespaces with the same addresses and ports', () => {
  test('each has its own connection, and both deliver', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using one = new Container(bed, 'one');
    await using two = new Container(bed, 'two');
    const first = await one.peers.open();
    const second = await two.peers.open();
    expect([first.client.port, first.server.port]).toEqual([second.client.port, second.server.port]);
    // The key has one owner, and the other connection goes by TCP.
    expect(bed.splice.entries({ owners: false })).toHaveLength(2);
    expect(await one.peers.exchange(first.client, first.server, 10, 100)).toBe(true);
    expect(await two.peers.exchange(second.client, second.server, 7, 300)).toBe(true);
    expect(await two.peers.exchange(second.server, second.client, 7, 300)).toBe(true);
    expect(await one.peers.exchange(first.server, first.client, 10, 100)).toBe(true);
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 20 } });
  });

  test.each<[End, End]>([
    ['client', 'server'],
    ['server', 'client'],
  ])('its %s closed, the other end sends on: nothing reaches the other namespace', async (closed, left) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using one = new Container(bed, 'one');
    await using two = new Container(bed, 'two');
    const first = await one.peers.open();
    expect(await one.peers.exchange(first.client, first.server, 3, 100)).toBe(true);
    await one.peers.close(first[closed]);
    const keys = () => bed.splice.entries({ owners: false }).map((entry) => entry.key);
    // The other end may have read the end of the stream by itself, and be gone, too.
    await until(() => keys().length <= 1, 'the closed end has no entry');

    const second = await two.peers.open();
    expect(second.client.port).toBe(first.client.port);
    await one.peers.send(first[left], 3, 1000);
    expect(await two.peers.exchange(second.client, second.server, 10, 100)).toBe(true);
    await one.peers.send(first[left], 3, 1000);
    expect(await two.peers.exchange(second.server, second.client, 10, 100)).toBe(true);

    // Everything closed: the next connection of either has the key to itself.
    await one.peers.close(first[left]);
    await two.peers.close(second.client);
    await two.peers.close(second.server);
    await until(() => keys().length === 0, 'no entry is left');
  });

  test('under naive, what is sent to a client that is gone is read by the client of the other namespace', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    await using one = new Container(bed, 'one');
    await using two = new Container(bed, 'two');
    // The textbook program has no IPv6.
    const first = await one.peers.open('127.0.0.1');
    await one.peers.close(first.client);
    await until(() => bed.splice.entries({ owners: false }).length <= 1, 'the closed end has no entry');
    const second = await two.peers.open('127.0.0.1');
    await one.peers.send(first.server, 3, 1000);
    expect(await two.peers.receive(second.client, 3, 1000)).toEqual({ bytes: 3000, equal: true });
  });
});
