/** redis-benchmark against redis-server: requests and answers of a few bytes. */
import {
  CPU_TIME,
  cpuTime,
  type Endpoint,
  type Meter,
  type Metric,
  type Quantiles,
  type Reading,
  type Tool,
  type Workload,
} from '../workload.ts';

const TOOLS: readonly Tool[] = [
  { program: 'redis-benchmark', package: 'redis-tools', version: ['redis-benchmark', '--version'] },
  { program: 'redis-server', package: 'redis-server', version: ['redis-server', '--version'] },
];

/** It sends SET and then GET; each is given so much time. */
const COMMAND_MS = 450;
const WARM_UP_REQUESTS = 4000;

const METRICS: readonly Metric[] = [
  { name: 'GET', unit: '/s', better: 'more' },
  { name: 'SET', unit: '/s', better: 'more' },
  { name: 'GET p50', unit: 'µs', better: 'less' },
  { name: 'GET p99', unit: 'µs', better: 'less' },
  CPU_TIME,
];

/**
 * @param clients connections at once
 * @param pipeline requests sent before the first answer is awaited
 */
export function redis(clients: number, pipeline: number, name: string, title: string): Workload {
  const call = (at: Endpoint, requests: number) => [
    ...['redis-benchmark', ...target(at), '-c', String(clients), '-P', String(pipeline)],
    ...['-n', String(requests), '-t', 'set,get', '--csv'],
  ];
  return {
    name,
    title,
    tools: TOOLS,
    metrics: METRICS,
    unix: true,
    isServerInside: true,
    quietMs: 0,
    busyMs: 2 * COMMAND_MS,
    server: redisServer,
    client: (at, speed) => call(at, requestsAt(speed)),
    warmUp: (at) => call(at, WARM_UP_REQUESTS * pipeline),
    pace: (printed) => readCsv(printed).values.GET as number,
    read: readRedis,
  };
}

/** Each command is sent so often. */
function requestsAt(speed: number | null): number {
  return Math.max(WARM_UP_REQUESTS, Math.round(((speed ?? 0) * COMMAND_MS) / 1000));
}

/** Reads the CSV of redis-benchmark. */
export function readRedis(printed: string, meter: Meter): Reading {
  const { values, ...rest } = readCsv(printed);
  return { values: { ...values, ...cpuTime(meter, 2 * requestsAt(meter.speed)) }, ...rest };
}

/** Its CSV says requests per second and milliseconds. */
function readCsv(printed: string): Reading {
  const [head = '', ...lines] = printed.trim().split('\n');
  const rows = lines.map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  const names = head.split(',').map((name) => name.replaceAll('"', ''));
  const cell = (command: string, name: string) => {
    const value = Number(rows.find((row) => row[0] === command)?.[names.indexOf(name)]);
    if (!Number.isFinite(value)) throw new Error(`redis-benchmark did not print ${name} of ${command}`);
    return value;
  };
  const latency = (name: string) => cell('GET', `${name}_latency_ms`) * 1000;
  const quantiles: Quantiles = [
    [50, latency('p50')],
    [95, latency('p95')],
    [99, latency('p99')],
  ];
  const [get, set] = [cell('GET', 'rps'), cell('SET', 'rps')];
  return { values: { GET: get, SET: set, 'GET p50': latency('p50'), 'GET p99': latency('p99') }, quantiles };
}

function redisServer(at: Endpoint, directory: string): string[] {
  const listen =
    'path' in at
      ? ['--port', '0', '--unixsocket', at.path]
      : ['--bind', at.address, '--port', String(at.port), '--protected-mode', 'no'];
  return ['redis-server', ...listen, '--save', '', '--appendonly', 'no', '--daemonize', 'no', '--dir', directory];
}

function target(at: Endpoint): string[] {
  return 'path' in at ? ['-s', at.path] : ['-h', at.address, '-p', String(at.port)];
}
