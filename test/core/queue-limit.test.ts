/** The limit of a queue whose reader did not set SO_RCVBUF. */
import { expect, test } from 'vitest';
import { defaultQueueLimit, MOST_QUEUED_BYTES } from '../../src/core/queue-limit.ts';

test.each([
  ['4096\t131072\t6291456\n', 6_291_456],
  ['4096\t131072\t33554432\n', MOST_QUEUED_BYTES],
  ['4096\t131072\t1048576\n', 1_048_576],
])('with net.ipv4.tcp_rmem %j it is %i', (tcpRmem, limit) => {
  expect(defaultQueueLimit(tcpRmem)).toBe(limit);
});
