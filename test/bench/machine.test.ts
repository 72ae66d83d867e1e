import { expect, test } from 'vitest';
import { versionIn } from '../../src/bench/machine.ts';
import { machineLines } from '../../src/bench/machine-text.ts';
import { allowedCpus, cpusOf } from '../../src/bench/places.ts';
import { Progress } from '../../src/bench/progress.ts';
import { isListening } from '../../src/bench/server.ts';
import { MACHINE } from './fixtures.ts';

test.each([
  ['sockperf, version 3.7-no.git\n   compiled 2021-08-23', '3.7-no.git'],
  ['iperf 3.12 (cJSON 1.7.15)', '3.12'],
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0', '7.0.15'],
  ['nginx version: nginx/1.22.1', '1.22.1'],
  ['wrk debian/4.1.0-3+b2 [epoll]', '4.1.0-3'],
  ['no idea', null],
])('the version in %j is %s', (printed, version) => {
  expect(versionIn(printed)).toBe(version);
});

test('the machine is told in a line a fact', () => {
  const text = machineLines(MACHINE).join('\n');
  expect(text).toContain('kernel: 6.1.0-test, TCP congestion control cubic');
  expect(text).toContain('CPUs: 4 × Example <CPU> & "Co", of which 2 may be used; 24 GiB of memory');
  expect(text).toContain('virtual: KVM');
  expect(text).toContain('mitigations: spectre_v2: Mitigation: Retpolines');
  expect(text).toContain('sockperf 3.7, wrk not installed');
});

test('the CPUs that may be used are a list of ranges', () => {
  expect(allowedCpus('Name:\tnode\nCpus_allowed_list:\t0-2,5,8-9\n')).toEqual([0, 1, 2, 5, 8, 9]);
});

test('client and server have the last CPUs, together or apart', () => {
  expect(cpusOf('1cpu', [0, 1, 4])).toEqual({ client: 4, server: 4 });
  expect(cpusOf('2cpu', [0, 1, 4])).toEqual({ client: 1, server: 4 });
  expect(cpusOf('2cpu', [0])).toBeNull();
});

test('a listener is told by port and state', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:4E21 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1',
    '   1: 0100007F:4E22 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2',
  ].join('\n');
  expect(isListening(table, 0x4e21)).toBe(true);
  expect(isListening(table, 0x4e22)).toBe(false);
  expect(isListening(table, 0x4e23)).toBe(false);
});

test('on a terminal the progress is one line that is written over and goes; elsewhere a line a row', () => {
  const show = (isTTY: boolean) => {
    const written: string[] = [];
    const progress = new Progress({ isTTY, write: (text) => written.push(text) }, () => 0);
    const step = { row: 0, rows: 2, name: 'redis-1', rounds: 3 };
    for (const round of [0, 1]) progress.show({ ...step, round }, 0, 1000);
    progress.clear();
    return written;
  };
  const clear = '\r\u001b[K';
  const [first, second, last] = show(true);
  expect(first).toBe(`${clear}[1/2] redis-1, round 1 of 3; about 1 s left`);
  expect(second?.startsWith(`${clear}[1/2] redis-1, round 2`)).toBe(true);
  expect(last).toBe(clear);
  expect(show(false)).toEqual(['[1/2] redis-1, round 1 of 3; about 1 s left\n']);
});

test('the time left follows the pace of what is done', () => {
  let now = 0;
  const written: string[] = [];
  const progress = new Progress({ write: (text) => written.push(text) }, () => now);
  const step = { row: 1, rows: 2, name: 'x', round: 0, rounds: 5 };
  now = 20_000;
  progress.show(step, 10_000, 40_000);
  expect(written[0]).toContain('about 60 s left');
});
