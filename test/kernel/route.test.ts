/** What lies between two ends, as the kernel of this machine has it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findRoute } from '../../src/core/route.ts';
import { SockKey } from '../../src/core/sock-key.ts';
import { buildHosts, type Hosts, removeHosts } from '../../src/host/hosts.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { until } from '../support/kernel.ts';

const NAME = `splice-route-${process.pid}`;
const KEY = SockKey.from('10.0.0.1:5000->10.0.0.2:80');

describeKernel('the route of what a socket sends', () => {
  const sleepers: ChildProcess[] = [];
  let hosts: Hosts;

  /** A process in a network namespace; its pid once it is there. */
  async function sleeper(namespace: string): Promise<number> {
    const child = spawn('ip', ['netns', 'exec', namespace, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    sleepers.push(child);
    child.stdin?.write('there');
    await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
    return child.pid ?? 0;
  }

  function ip(...args: string[]): void {
    execFileSync('ip', args);
  }

  beforeAll(() => {
    hosts = buildHosts(NAME);
  });

  afterAll(async () => {
    for (const child of sleepers) child.stdin?.end();
    await until(() => sleepers.every(({ exitCode }) => exitCode !== null), 'the sleepers end');
    removeHosts(NAME);
  });

  test('goes by veth, bridge and veth between two hosts that a bridge joins', async () => {
    const [a, b] = [await sleeper(hosts.a.namespace), await sleeper(hosts.b.namespace)];
    expect(await findRoute(KEY, a, b)).toEqual(['veth', 'bridge', 'veth']);
    expect(await findRoute(KEY.reverse(), b, a)).toEqual(['veth', 'bridge', 'veth']);
  });

  test('goes by veth and bridge from a host to where its bridge is', async () => {
    const link = `${NAME}-switch`;
    ip('-n', link, 'address', 'add', '10.0.0.9/24', 'dev', 'bridge');
    const [a, bridge] = [await sleeper(hosts.a.namespace), await sleeper(link)];
    const key = SockKey.from('10.0.0.1:5000->10.0.0.9:80');
    expect(await findRoute(key, a, bridge)).toEqual(['veth', 'bridge']);
    expect(await findRoute(key.reverse(), bridge, a)).toEqual(['bridge', 'veth']);
  });

  test('goes by a veth alone between two namespaces that it joins', async () => {
    for (const end of ['c', 'd']) ip('netns', 'add', `${NAME}-${end}`);
    ip('-n', `${NAME}-c`, 'link', 'add', 'v', 'type', 'veth', 'peer', 'name', 'v', 'netns', `${NAME}-d`);
    for (const end of ['c', 'd']) ip('-n', `${NAME}-${end}`, 'link', 'set', 'v', 'up');
    ip('-n', `${NAME}-c`, 'address', 'add', '10.1.0.1/24', 'dev', 'v');
    ip('-n', `${NAME}-d`, 'address', 'add', '10.1.0.2/24', 'dev', 'v');
    const [c, d] = [await sleeper(`${NAME}-c`), await sleeper(`${NAME}-d`)];
    expect(await findRoute(SockKey.from('10.1.0.1:5000->10.1.0.2:80'), c, d)).toEqual(['veth']);
  });

  test('goes by loopback between sockets of one namespace, and between loopback addresses', async () => {
    const [one, other] = [await sleeper(hosts.a.namespace), await sleeper(hosts.a.namespace)];
    expect(await findRoute(SockKey.from('10.0.0.1:5000->10.0.0.7:80'), one, other)).toEqual(['loopback']);
    expect(await findRoute(SockKey.from('127.0.0.1:5000->127.0.0.2:80'), null, null)).toEqual(['loopback']);
    expect(await findRoute(SockKey.from('[::1]:5000->[::1]:80'), null, null)).toEqual(['loopback']);
  });

  test('is not known where the kernel does not say', async () => {
    const a = await sleeper(hosts.a.namespace);
    expect(await findRoute(KEY, null, a)).toBeNull();
    expect(await findRoute(KEY, a, 0x7fff_fff0)).toBeNull();
    expect(await findRoute(SockKey.from('10.0.0.1:5000->192.0.2.1:80'), a, process.pid)).toBeNull();
  });
});
