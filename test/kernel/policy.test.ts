/** The policy on the real kernel: which connections stay out of the map. */
import { expect, test } from 'vitest';
import { checkPolicy, DEFAULT_EXCLUDED } from '../../src/core/policy.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import type { Pair, Peers } from '../support/peers.ts';
import { run } from '../support/run.ts';

const DEFAULT = checkPolicy({});
const STAY = 'readers    that sleep in recv() stay\n';

/** What `splice policy` says of processes, with these names besides those that are always out. */
function but(...names: string[]): string {
  return `all, but not ${[...DEFAULT_EXCLUDED, ...names].sort().join(', ')}`;
}

/** Connects one process to the listener of another. */
async function connect(server: Peers, client: Peers, port: number): Promise<Pair> {
  const accepted = server.accepted();
  const near = await client.connect(port);
  return { client: near, server: await accepted };
}

/** Every byte arrives, whichever way it goes. */
async function expectTraffic(server: Peers, client: Peers, pair: Pair): Promise<void> {
  await client.send(pair.client, 3, 100);
  expect(await server.receive(pair.server, 3, 100)).toEqual({ bytes: 300, equal: true });
  await server.send(pair.server, 3, 100);
  expect(await client.receive(pair.client, 3, 100)).toEqual({ bytes: 300, equal: true });
}

const portsOf = (bed: TestBed) => bed.splice.entries().flatMap(({ sport, dport }) => [sport, dport]);

describeKernel('a policy of ports', () => {
  test('keeps both ends out that have an excluded one, and no others', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const excluded = await peers.listen();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludePorts: [excluded.port] } });
    const out = await peers.pair();
    expect(bed.splice.entries()).toEqual([]);
    expect(await peers.exchange(out.client, out.server, 3, 100)).toBe(true);

    await peers.open();
    expect(bed.splice.entries()).toHaveLength(2);
    expect(portsOf(bed)).not.toContain(excluded.port);
  });

  test('takes in only those that are named, when any is', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const { port } = await peers.listen();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { ports: [port] } });
    await peers.pair();
    expect(bed.splice.entries()).toHaveLength(2);
    const out = await peers.open();
    expect(bed.splice.entries()).toHaveLength(2);
    expect(portsOf(bed).filter((known) => known === port)).toHaveLength(2);
    expect(await peers.exchange(out.client, out.server, 3, 100)).toBe(true);
  });

  test('is replaced while running, for connections from then on', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(bed.splice.policy()).toEqual(DEFAULT);
    await using peers = bed.peers();
    const { port } = await peers.listen();
    const pair = await peers.pair();

    const policy = {
      ports: [1, port + (port < 60_000 ? 1 : -1)].sort((a, b) => a - b),
      excludePorts: [7],
      excludeComms: ['x'],
      blockingReaders: 'leave' as const,
    };
    expect(bed.splice.setPolicy(policy)).toEqual(policy);
    expect(bed.splice.policy()).toEqual(policy);
    await peers.pair();
    expect(bed.splice.entries()).toHaveLength(2);
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 5 } });

    expect(bed.splice.setPolicy({ excludePorts: [port] })).toMatchObject({ ports: [], excludePorts: [port] });
    expect(bed.splice.policy()).toEqual({ ...DEFAULT, excludePorts: [port] });
    await peers.pair();
    expect(bed.splice.entries()).toHaveLength(2);

    bed.splice.setPolicy({});
    await peers.pair();
    expect(bed.splice.entries()).toHaveLength(4);
  });
});

describeKernel('a policy of process names', () => {
  test.each(['server', 'client'] as const)('keeps out both ends when that of the %s is excluded', async (which) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludeComms: ['excluded-one'] } });
    await using server = bed.peers();
    await using client = bed.peers();
    await { server, client }[which].rename('excluded-one');
    const { port } = await server.listen();
    const pair = await connect(server, client, port);
    expect(bed.splice.entries()).toEqual([]);
    await expectTraffic(server, client, pair);
    expect(bed.splice.status()).toMatchObject({ totals: { redirects: 0 } });

    await using others = bed.peers();
    await others.open();
    expect(bed.splice.entries().map((entry) => entry.process?.pid)).toEqual([others.process.pid, others.process.pid]);
  });

  test('is for a whole name, up to its fifteen bytes', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludeComms: ['excluded', 'fifteen-bytes-x'] } });
    await using peers = bed.peers();
    await peers.rename('excluded-not');
    await peers.open();
    expect(bed.splice.entries()).toHaveLength(2);
    await peers.rename('fifteen-bytes-x-and-more');
    await peers.open();
    expect(bed.splice.entries()).toHaveLength(2);
  });

  test('knows who listened before it', async () => {
    await using bed = new TestBed();
    await using server = bed.peers();
    await using client = bed.peers();
    await server.rename('excluded-one');
    const { port } = await server.listen();

    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludeComms: ['excluded-one'] } });
    await expectTraffic(server, client, await connect(server, client, port));
    expect(bed.splice.entries()).toEqual([]);

    bed.splice.setPolicy({ excludeComms: ['another'] });
    await connect(server, client, port);
    expect(bed.splice.entries()).toHaveLength(2);

    bed.splice.setPolicy({});
    await server.rename('another');
    const second = await server.listen();
    bed.splice.setPolicy({ excludeComms: ['another'] });
    await expectTraffic(server, client, await connect(server, client, second.port));
    expect(bed.splice.entries()).toHaveLength(2);
  });
});

describeKernel('a policy', () => {
  test('holds for IPv6', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const { port } = await peers.listen('::1');
    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludePorts: [port], excludeComms: ['excluded-one'] } });
    await peers.pair('::1');
    expect(bed.splice.entries()).toEqual([]);
    bed.splice.setPolicy({ excludeComms: ['excluded-one'] });
    await peers.pair('::1');
    expect(bed.splice.entries()).toHaveLength(2);

    await using server = bed.peers();
    await server.rename('excluded-one');
    await server.listen('::1');
    const out = await server.pair('::1');
    expect(bed.splice.entries()).toHaveLength(2);
    expect(await server.exchange(out.client, out.server, 3, 100)).toBe(true);
  });

  test('holds for connections that are adopted', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    await using others = bed.peers();
    await others.rename('excluded-one');
    const { port } = await peers.listen();
    await peers.pair();
    await others.open();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { excludePorts: [port], excludeComms: ['excluded-one'] } });
    expect(bed.splice.adopt()).toMatchObject({ adopted: 0, skipped: [] });
    bed.splice.setPolicy({ ports: [port] });
    expect(bed.splice.adopt()).toMatchObject({ adopted: 1, skipped: [] });
    bed.splice.setPolicy({});
    expect(bed.splice.adopt()).toMatchObject({ adopted: 1, skipped: [] });
  });
});

describeKernel('splice policy', () => {
  test('shows, replaces and clears', async () => {
    await using bed = new TestBed();
    const policy = (...argv: string[]) => run('splice', ['policy', '--pin', bed.pin, ...argv]);
    expect(policy()).toMatchObject({ status: 1, stderr: expect.stringContaining('error[NOT_LOADED]') });
    const up = ['up', '--pin', bed.pin, '--cgroup', bed.cgroup];
    expect(run('splice', [...up, '--port', '80', '--port', '8080', '--exclude-comm', 'nginx'])).toMatchObject({
      status: 0,
    });
    expect(policy()).toMatchObject({
      status: 0,
      stdout: `ports      only 80, 8080\nprocesses  ${but('nginx')}\n${STAY}`,
    });

    const replaced = policy('--exclude-port', '25', '--exclude-port', '443');
    expect(replaced.stdout).toBe(
      `ports      all, but not 25, 443\nprocesses  ${but()}\n${STAY}holds for connections established from now on; those that have an entry keep it\n`,
    );
    expect(JSON.parse(policy('--json').stdout)).toEqual({ ...DEFAULT, excludePorts: [25, 443] });
    expect(policy('--clear')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('ports      all\nprocesses  all\n'),
    });
    expect(bed.splice.policy()).toEqual({ ...DEFAULT, excludeComms: [] });
    const own = policy('--no-default-excludes', '--exclude-comm', 'nginx', '--blocking-readers', 'leave');
    expect(own).toMatchObject({ status: 0 });
    expect(bed.splice.policy()).toEqual({ ...DEFAULT, excludeComms: ['nginx'], blockingReaders: 'leave' });
  });

  test('takes nothing that is wrong, and changes nothing then', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup], policy: { ports: [80] } });
    const wrong = [
      ['--port', '0'],
      ['--port', '80x'],
      ['--exclude-port', '65536'],
      ['--exclude-comm', ''],
      ['--exclude-comm', 'longer-than-fifteen'],
      ['--port', '80', '--exclude-port', '80'],
      ['--clear', '--port', '80'],
      ['--clear', 'now'],
    ];
    for (const argv of wrong) {
      expect(run('splice', ['policy', '--pin', bed.pin, ...argv])).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('error[BAD_OPTION]'),
      });
    }
    expect(bed.splice.policy()).toEqual({ ...DEFAULT, ports: [80] });
  });

  test('is not for naive, and a second up does not change it', async () => {
    await using bed = new TestBed();
    expect(() => bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive', policy: { ports: [80] } })).toThrow(/no policy/);
    expect(bed.splice.status()).toEqual({ loaded: false });
    bed.splice.up({ cgroups: [bed.cgroup], policy: { ports: [80] } });
    expect(bed.splice.up({ cgroups: [bed.cgroup] }).already).toBe(true);
    expect(bed.splice.up({ cgroups: [bed.cgroup], policy: { ports: [80] } }).already).toBe(true);
    expect(() => bed.splice.up({ cgroups: [bed.cgroup], policy: { ports: [81] } })).toThrow(/another policy/);
    await bed.splice.down();
    bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' });
    expect(() => bed.splice.policy()).toThrow(/no policy/);
    expect(() => bed.splice.setPolicy({})).toThrow(/no policy/);
  });
});
