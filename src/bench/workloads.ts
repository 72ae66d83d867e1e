/** Every kind of traffic that is measured, in the order of the report. */
import { bystanderStream, stream } from './tools/iperf3.ts';
import { redis } from './tools/redis.ts';
import { bystanderPing, pingPong, smallWrites } from './tools/sockperf.ts';
import { connections, keepAlive } from './tools/wrk.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [
  pingPong(64, 'ping-pong-64', 'ping-pong, 64 B'),
  pingPong(1024, 'ping-pong-1k', 'ping-pong, 1 KiB'),
  pingPong(16_384, 'ping-pong-16k', 'ping-pong, 16 KiB'),
  stream('stream', 'one stream, 128 KiB writes'),
  smallWrites(64, 'small-writes', 'one stream, 64 B writes'),
  redis(1, 1, 'redis-1', 'Redis, 1 client'),
  redis(20, 1, 'redis-20', 'Redis, 20 clients'),
  redis(20, 16, 'redis-pipelined', 'Redis, 20 clients, 16 requests pipelined'),
  keepAlive('nginx', 'nginx, keep-alive, 1 KiB'),
  connections('connections', 'nginx, a connection a request'),
  bystanderPing(64, 'bystander-ping', 'bystander: ping-pong, 64 B'),
  bystanderStream('bystander-stream', 'bystander: one stream'),
];
