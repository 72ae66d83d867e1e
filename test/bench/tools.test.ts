/** What the tools print, as they printed it: the files in fixtures/ are real outputs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readIperf3 } from '../../src/bench/tools/iperf3.ts';
import { readRedis, redis } from '../../src/bench/tools/redis.ts';
import { readPingPong, readSmallWrites } from '../../src/bench/tools/sockperf.ts';
import { readWrk } from '../../src/bench/tools/wrk.ts';

const METER = { cpuSeconds: 1.5, speed: 20_000 };
const printed = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

test('sockperf ping-pong: median, 99 %, and the quantiles in rising order', () => {
  const { values, quantiles } = readPingPong(printed('sockperf-ping-pong.txt'), METER);
  expect(values).toEqual({ p50: 11.471, p99: 53.469, 'CPU time': 1.5e6 / 39_014 });
  expect(quantiles?.map(([percent]) => percent)).toEqual([25, 50, 75, 90, 99, 99.9, 99.99, 99.999]);
  expect(quantiles?.[0]).toEqual([25, 10.554]);
});

test('sockperf throughput: messages a second', () => {
  const { values } = readSmallWrites(printed('sockperf-throughput.txt'), METER);
  expect(values).toEqual({ messages: 304_603, 'CPU time': 1.5e6 / 304_762 });
});

test('iperf3: what was received, and CPU time for each gigabyte of it', () => {
  const { values } = readIperf3(printed('iperf3.txt'), METER);
  expect(values.throughput).toBeCloseTo(10.508, 3);
  expect(values['CPU time']).toBeCloseTo(1.5 / 1.318_584_32, 6);
});

test('iperf3 that could not says why', () => {
  const error = '{"start":{},"intervals":[],"end":{},"error":"unable to connect to server: Connection refused"}';
  expect(() => readIperf3(error, METER)).toThrow('unable to connect to server: Connection refused');
  expect(() => readIperf3('{"end":{}}', METER)).toThrow('iperf3 received nothing');
});

test('redis-benchmark: requests a second of both commands, latencies of GET in microseconds', () => {
  const { values, quantiles } = readRedis(printed('redis-benchmark.csv'), METER);
  expect(values).toEqual({
    GET: 21_482.28,
    SET: 28_901.73,
    'GET p50': 399,
    'GET p99': 4487,
    'CPU time': 1.5e6 / 18_000,
  });
  expect(quantiles).toEqual([
    [50, 399],
    [95, 2279],
    [99, 4487],
  ]);
});

test('redis-benchmark is given as many requests as the warm-up says that fit', () => {
  const { pace, client } = redis(20, 1, 'redis-20', '');
  const speed = pace?.(printed('redis-benchmark.csv')) ?? null;
  const command = client({ address: '10.0.0.2', port: 6379 }, speed);
  expect(command[command.indexOf('-n') + 1]).toBe(String(Math.round(21_482.28 * 0.45)));
  expect(client({ path: '/run/x/socket' }, null)).toEqual(expect.arrayContaining(['-s', '/run/x/socket', '4000']));
});

test('wrk: requests a second, latencies in microseconds whatever the unit', () => {
  const { values, quantiles } = readWrk(printed('wrk.txt'), 'requests', METER);
  expect(values).toEqual({ requests: 8952.07, p99: 6940, 'CPU time': 1.5e6 / 8964 });
  expect(quantiles?.[0]).toEqual([50, 1650]);
  expect(readWrk(printed('wrk-close.txt'), 'connections', METER).values.connections).toBe(6643.08);
  expect(readWrk(printed('wrk.txt').replace('1.65ms', '434.00us'), '', METER).quantiles?.[0]).toEqual([50, 434]);
});

test('wrk that saw errors has no figures', () => {
  const failed = `${printed('wrk.txt')}  Socket errors: connect 0, read 12, write 0, timeout 3\n`;
  expect(() => readWrk(failed, 'requests', METER)).toThrow('wrk saw errors: connect 0, read 12, write 0, timeout 3');
  const refused = `${printed('wrk.txt')}  Non-2xx or 3xx responses: 7\n`;
  expect(() => readWrk(refused, 'requests', METER)).toThrow('Non-2xx or 3xx responses: 7');
});

test.each([
  ['sockperf', () => readPingPong('sockperf: ERROR: connect refused', METER)],
  ['redis-benchmark', () => readRedis('Could not connect to Redis', METER)],
  ['wrk', () => readWrk('unable to connect to 127.0.0.1:80 Connection refused', 'requests', METER)],
  ['iperf3', () => readIperf3('iperf3: error', METER)],
])('anything else that %s prints is an error, never a figure', (_, read) => {
  expect(read).toThrow();
});
