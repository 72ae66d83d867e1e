/** sockperf: ping-pong latencies, and a stream of small writes. */
import {
  CPU_TIME,
  cpuTime,
  type Endpoint,
  type Meter,
  type Metric,
  numberIn,
  type Quantiles,
  type Reading,
  type Tool,
  type Workload,
} from '../workload.ts';

const SOCKPERF: Tool = { program: 'sockperf', package: 'sockperf', version: ['sockperf', '--version'] };

/** It connects, sleeps for two seconds, and then sends; the first 400 ms do not count. */
const QUIET_MS = 2000;
const BUSY_MS = 1000;
const SECONDS = '1';
/** A stream that leaves the map by itself does so in the first tenths of a second. */
const STREAM_SECONDS = 2;

const P50: Metric = { name: 'p50', unit: 'µs', better: 'less' };
const P99: Metric = { name: 'p99', unit: 'µs', better: 'less' };
const RATE: Metric = { name: 'messages', unit: '/s', better: 'more' };

const SOCKPERF_WORKLOAD = {
  tools: [SOCKPERF],
  unix: false,
  isServerInside: true,
  quietMs: QUIET_MS,
  busyMs: BUSY_MS,
  warmUp: null,
  server: (at: Endpoint) => ['sockperf', 'server', ...target(at)],
} as const;

/** @param bytes the length of a message */
export function pingPong(bytes: number, name: string, title: string): Workload {
  return {
    ...SOCKPERF_WORKLOAD,
    name,
    title,
    metrics: [P50, P99, CPU_TIME],
    client: (at) => ['sockperf', 'ping-pong', ...target(at), '-m', String(bytes), '-t', SECONDS],
    read: (printed, meter) => readPingPong(printed, meter),
  };
}

/** The same from a client that is spliced to a server that is not, as if it were on another machine. */
export function bystanderPing(bytes: number, name: string, title: string): Workload {
  return { ...pingPong(bytes, name, title), metrics: [P50, P99], isServerInside: false };
}

/** @param bytes the length of a write */
export function smallWrites(bytes: number, name: string, title: string): Workload {
  return {
    ...SOCKPERF_WORKLOAD,
    name,
    title,
    metrics: [RATE, CPU_TIME],
    busyMs: STREAM_SECONDS * 1000,
    client: (at) => ['sockperf', 'throughput', ...target(at), '-m', String(bytes), '-t', String(STREAM_SECONDS)],
    read: readSmallWrites,
  };
}

/** One-way latencies: half of the time there and back. */
export function readPingPong(printed: string, meter: Meter): Reading {
  const quantiles: Quantiles = [...printed.matchAll(/percentile ([\d.]+) = +([\d.]+)/g)]
    .map(([, percent, microseconds]) => [Number(percent), Number(microseconds)] as const)
    .reverse();
  const p50 = numberIn(printed, 'its median latency', /percentile 50\.0+ = +([\d.]+)/);
  const p99 = numberIn(printed, 'its 99 % latency', /percentile 99\.0+ = +([\d.]+)/);
  const sent = numberIn(printed, 'how many messages it sent', /Total Run\].*SentMessages=(\d+)/);
  return { values: { p50, p99, ...cpuTime(meter, sent) }, quantiles };
}

/** Writes as the sender counts them. */
export function readSmallWrites(printed: string, meter: Meter): Reading {
  const sent = numberIn(printed, 'how many messages it sent', /Total of (\d+) messages sent/);
  return {
    values: {
      messages: numberIn(printed, 'its message rate', /Message Rate is (\d+) \[msg\/sec\]/),
      ...cpuTime(meter, sent),
    },
  };
}

function target(at: Endpoint): string[] {
  if ('path' in at) throw new Error('sockperf 3.7 knows no Unix sockets');
  return ['--tcp', '-i', at.address, '-p', String(at.port)];
}
