import { expect, test } from 'vitest';
import { errorsOf, summarizeRow } from '../../src/bench/result.ts';
import { measured, rowNamed } from './fixtures.ts';

const PING = rowNamed('ping-pong-64@veth/1cpu');
const REDIS = rowNamed('redis-1@loopback/1cpu');

test('less latency and more requests are both better', () => {
  const ping = summarizeRow(PING, [measured(PING, 'tcp'), measured(PING, 'guarded')]);
  expect(ping.metrics[0]?.toTcp.guarded).toMatchObject({ median: expect.closeTo(1 / 1.9), verdict: 'better' });
  const redis = summarizeRow(REDIS, [measured(REDIS, 'tcp'), measured(REDIS, 'guarded')]);
  expect(redis.metrics[0]?.toTcp.guarded).toMatchObject({ median: expect.closeTo(1.9), verdict: 'better' });
});

test('the other way round both are worse', () => {
  const slow = [measured(REDIS, 'tcp'), measured(REDIS, 'guarded', 0.6)];
  const { metrics } = summarizeRow(REDIS, slow);
  expect(metrics.map(({ toTcp }) => toTcp.guarded?.verdict)).toEqual(Array(5).fill('worse'));
});

test.each([1, 2, 3, 4])('%i rounds are too few to tell better from worse, however far apart', (count) => {
  const few = (variant: 'tcp' | 'guarded', times?: number) => {
    const all = measured(REDIS, variant, times);
    return { ...all, rounds: all.rounds.slice(0, count) };
  };
  for (const times of [0.1, 1, 10]) {
    const { metrics } = summarizeRow(REDIS, [few('tcp'), few('guarded', times)]);
    expect(metrics.map(({ toTcp }) => toTcp.guarded?.verdict)).toEqual(Array(5).fill('too few rounds to tell'));
    expect(metrics.map(({ toTcp }) => toTcp.guarded?.range)).toEqual(Array(5).fill('least to most'));
  }
});

test('an interval that crosses 1 says that no difference was seen', () => {
  const [tcp, same] = [measured(REDIS, 'tcp'), measured(REDIS, 'guarded', 1)];
  const { metrics } = summarizeRow(REDIS, [tcp, { ...same, rounds: same.rounds.toReversed() }]);
  expect(metrics[0]?.toTcp.guarded?.verdict).toBe('no difference seen');
});

test('guarded is compared with naive and the Unix socket, too', () => {
  const { metrics } = summarizeRow(
    REDIS,
    REDIS.variants.map((variant) => measured(REDIS, variant)),
  );
  expect(metrics[0]?.guardedTo.naive?.median).toBeCloseTo(0.95);
  expect(metrics[0]?.guardedTo.unix?.median).toBeCloseTo(1.9 / 2.4);
  expect(metrics[0]?.toTcp.tcp).toBeUndefined();
});

test('latencies are medians of the rounds', () => {
  const { latencies } = summarizeRow(PING, [measured(PING, 'tcp')]);
  expect(latencies.tcp?.[1]).toEqual([50, 22.5]);
});

test('a variant that failed has no figures, and the others keep theirs', () => {
  const failed = { ...measured(PING, 'guarded'), rounds: [], failure: 'the sockperf failed: exit 1' };
  const row = summarizeRow(PING, [measured(PING, 'tcp'), failed]);
  expect(row.variants.guarded?.failure).toBe('the sockperf failed: exit 1');
  expect(row.metrics[0]?.figures.guarded).toBeUndefined();
  expect(row.metrics[0]?.figures.tcp?.rounds).toHaveLength(5);
  expect(row.latencies.guarded).toBeUndefined();
});

test("what fails is an error, except naive's own hazards", () => {
  const fail = (variant: 'naive' | 'guarded') => ({
    ...measured(PING, variant),
    rounds: [],
    failure: 'Permission denied',
  });
  expect(errorsOf(PING, [fail('naive'), fail('guarded')])).toEqual([
    'ping-pong-64@veth/1cpu, guarded: Permission denied',
  ]);
});

test('a round that failed is null in its place', () => {
  const tcp = measured(PING, 'tcp');
  const rounds = tcp.rounds.with(1, null);
  const row = summarizeRow(PING, [tcp, { ...measured(PING, 'guarded'), rounds }]);
  expect(row.metrics[0]?.figures.guarded?.rounds[1]).toBeNull();
  expect(row.metrics[0]?.toTcp.guarded).toBeDefined();
});
