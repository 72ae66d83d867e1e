/** Socket options that only TCP honours: a socket that has one gets no entry, one that sets it leaves the map. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { Lasting } from '../support/lasting.ts';

const ENOENT = 2;
const EINVAL = 22;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Level, number and value of each, by include/uapi/asm-generic/socket.h and include/uapi/linux/tcp.h. */
const ONLY_TCP: [string, string[]][] = [
  ['SO_RCVLOWAT', ['1', '18', '100']],
  ['SO_RCVLOWAT without end', ['1', '18', '-1']],
  ['SO_TIMESTAMP_OLD', ['1', '29', '1']],
  ['SO_TIMESTAMPNS_OLD', ['1', '35', '1']],
  ['SO_TIMESTAMPING_OLD', ['1', '37', '16']],
  ['SO_PEEK_OFF', ['1', '42', '0']],
  ['SO_ZEROCOPY', ['1', '60', '1']],
  ['SO_TIMESTAMP_NEW', ['1', '63', '1']],
  ['SO_TIMESTAMPING_NEW', ['1', '65', '16']],
  ['TCP_INQ', ['6', '36', '1']],
];

/** Which of them are handed on by a listener: those that are not bound to one socket. */
const NOT_INHERITED = ['SO_PEEK_OFF'];

/** Runs the program until `during` is over; what it printed. */
async function withOptions(bed: TestBed, argv: string[], during: (said: Record<string, number>) => Promise<void>) {
  const { program, said } = await Lasting.start(bed.cgroup, folder, 'socket-options', ...argv);
  await using _program = program;
  await during(said);
}

describeKernel('an option that only TCP honours', () => {
  test.each(ONLY_TCP)('set on an entry, %s, takes the connection out', async (_name, argv) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    using events = bed.splice.events();
    await withOptions(bed, argv, async ({ error, whole }) => {
      expect({ error, whole }).toEqual({ error: 0, whole: 1 });
      const told = events.read().events;
      expect(told.filter(({ type }) => type === 'firstRedirect')).toHaveLength(2);
      expect(told.find(({ type }) => type === 'left')).toMatchObject({ leaveReason: 'options' });
    });
  });

  test.each(ONLY_TCP.filter(([name]) => !NOT_INHERITED.includes(name)))(
    'that a listener has, %s, keeps its connections out',
    async (_name, argv) => {
      await using bed = new TestBed();
      bed.splice.up({ cgroups: [bed.cgroup] });
      await withOptions(bed, [...argv, 'before'], async ({ error, whole }) => {
        expect({ error, whole }).toEqual({ error: 0, whole: 1 });
        await until(() => bed.splice.entries({ owners: false }).length === 0, 'the connecting end has left');
        expect(bed.splice.status()).toMatchObject({ totals: { redirects: 0 }, keptOut: { options: 1 } });
      });
    },
  );

  test.each([
    ['SO_RCVLOWAT of 1', ['1', '18', '1']],
    ['SO_ZEROCOPY switched off', ['1', '60', '0']],
    ['SO_PEEK_OFF switched off', ['1', '42', '-1']],
    ['TCP_NODELAY', ['6', '1', '1']],
    ['SO_KEEPALIVE', ['1', '9', '1']],
  ])('is no other one: %s', async (_name, argv) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await withOptions(bed, argv, async ({ error, whole }) => {
      expect({ error, whole }).toEqual({ error: 0, whole: 1 });
      expect(bed.splice.status()).toMatchObject({ map: { entries: 2 }, totals: { redirects: 12 } });
    });
  });

  // Without a name of a protocol the kernel itself would say EINVAL, with or without kTLS.
  test.each(['tls', 'none'])('kTLS, is refused to an entry as on a kernel without it: %s', async (protocol) => {
    await using bed = new TestBed();
    await withOptions(bed, ['6', '31', 'none'], async ({ error }) => expect(error).toBe(EINVAL));
    bed.splice.up({ cgroups: [bed.cgroup] });
    await withOptions(bed, ['6', '31', protocol], async ({ error, whole }) => {
      expect({ error, whole }).toEqual({ error: ENOENT, whole: 1 });
      expect(bed.splice.status()).toMatchObject({ map: { entries: 2 }, totals: { redirects: 12 } });
    });
  });
});

describeKernel('a connection that TCP does not see', () => {
  test('is kept seen by a probe of TCP each minute', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
    const filter = `( sport = :${pair.server.port} and dport = :${pair.client.port} )`;
    const timer = execFileSync('ss', ['-tnoH', 'state', 'established', filter], { encoding: 'utf8' });
    expect(timer).toMatch(/timer:\(keepalive,(59|5\d)\S*,0\)/);
  });
});
