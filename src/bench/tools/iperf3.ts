/** iperf3: one stream of large writes. */
import type { Endpoint, Meter, Metric, Reading, Tool, Workload } from '../workload.ts';

const IPERF3: Tool = { program: 'iperf3', package: 'iperf3', version: ['iperf3', '--version'] };

const SECONDS = '1';
const WARM_UP_BYTES = '200M';

const RATE: Metric = { name: 'throughput', unit: 'Gbit/s', better: 'more' };
/** As in CPU_TIME, for a gigabyte. */
const CPU: Metric = { name: 'CPU time', unit: 's/GB', better: 'less' };

const IPERF3_WORKLOAD = {
  tools: [IPERF3],
  unix: false,
  quietMs: 0,
  busyMs: 1000,
  // By IPv4: naive fails every send to a dual-stack listener.
  server: (at: Endpoint) => ['iperf3', '-s', '-4', '-B', addressOf(at), ...port(at)],
  client: (at: Endpoint) => [...call(at), '-t', SECONDS],
  warmUp: (at: Endpoint) => [...call(at), '-n', WARM_UP_BYTES],
} as const;

/** One TCP stream as fast as it goes. */
export function stream(name: string, title: string): Workload {
  return { ...IPERF3_WORKLOAD, name, title, metrics: [RATE, CPU], isServerInside: true, read: readIperf3 };
}

/** The same from a client that is spliced to a server that is not, as if it were on another machine. */
export function bystanderStream(name: string, title: string): Workload {
  return { ...IPERF3_WORKLOAD, name, title, metrics: [RATE], isServerInside: false, read: readIperf3 };
}

/** Throughput as the receiver saw it. */
export function readIperf3(printed: string, { cpuSeconds }: Meter): Reading {
  const { error, end } = JSON.parse(printed) as {
    error?: string;
    end?: { sum_received?: { bytes: number; bits_per_second: number } };
  };
  if (error !== undefined) throw new Error(error);
  const received = end?.sum_received;
  if (!received || !(received.bytes > 0)) throw new Error('iperf3 received nothing');
  return { values: { throughput: received.bits_per_second / 1e9, 'CPU time': cpuSeconds / (received.bytes / 1e9) } };
}

function call(at: Endpoint): string[] {
  return ['iperf3', '-J', '-4', '-c', addressOf(at), ...port(at)];
}

function addressOf(at: Endpoint): string {
  if ('path' in at) throw new Error('iperf3 knows no Unix sockets');
  return at.address;
}

function port(at: Endpoint): string[] {
  return 'port' in at ? ['-p', String(at.port)] : [];
}
