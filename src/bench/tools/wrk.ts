/** wrk against nginx: HTTP over connections that stay, and over one connection a request. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const TOOLS: readonly Tool[] = [
  { program: 'wrk', package: 'wrk', version: ['wrk', '-v'] },
  { program: 'nginx', package: 'nginx-light', version: ['nginx', '-v'] },
];

const CONNECTIONS = '20';
const BODY_BYTES = 1024;

const P99: Metric = { name: 'p99', unit: 'µs', better: 'less' };

const WRK_WORKLOAD = {
  tools: TOOLS,
  unix: false,
  isServerInside: true,
  quietMs: 0,
  busyMs: 1000,
  server: nginx,
} as const;

/** 20 connections that stay open, a body of 1 KiB. */
export function keepAlive(name: string, title: string): Workload {
  return {
    ...WRK_WORKLOAD,
    name,
    title,
    metrics: [{ name: 'requests', unit: '/s', better: 'more' }, P99, CPU_TIME],
    client: (at) => wrk(at),
    read: (printed, meter) => readWrk(printed, 'requests', meter),
  };
}

/** A connection for each request: what it costs to open, splice and close one. */
export function connections(name: string, title: string): Workload {
  return {
    ...WRK_WORKLOAD,
    name,
    title,
    metrics: [{ name: 'connections', unit: '/s', better: 'more' }, CPU_TIME],
    client: (at) => wrk(at, ['-H', 'Connection: close']),
    read: (printed, meter) => readWrk(printed, 'connections', meter),
  };
}

/** @param rate what to call its requests per second */
export function readWrk(printed: string, rate: string, meter: Meter): Reading {
  const errors = /Socket errors: (.*)/.exec(printed)?.[1] ?? /Non-2xx or 3xx responses: .*/.exec(printed)?.[0];
  if (errors !== undefined) throw new Error(`wrk saw errors: ${errors}`);
  const quantiles: Quantiles = [...printed.matchAll(/^ +(\d+)% +([\d.]+)(us|ms|s)$/gm)].map(
    ([, percent, value, unit]) => [Number(percent), Number(value) * MICROSECONDS[unit as Unit]] as const,
  );
  const p99 = quantiles.find(([percent]) => percent === 99)?.[1];
  if (p99 === undefined) throw new Error('wrk did not print its latencies');
  const perSecond = numberIn(printed, 'requests per second', /^Requests\/sec: +([\d.]+)$/m);
  const all = numberIn(printed, 'how many requests it sent', /^ +(\d+) requests in /m);
  return { values: { [rate]: perSecond, p99, ...cpuTime(meter, all) }, quantiles };
}

const MICROSECONDS = { us: 1, ms: 1000, s: 1_000_000 } as const;
type Unit = keyof typeof MICROSECONDS;

function wrk(at: Endpoint, more: readonly string[] = []): string[] {
  if ('path' in at) throw new Error('wrk knows no Unix sockets');
  const url = `http://${at.address}:${at.port}/`;
  return ['wrk', '--threads', '1', '--connections', CONNECTIONS, '--duration', '1s', '--latency', ...more, url];
}

/** One process; what it answers is in its memory, so that files and logs are no part of it. */
function nginx(at: Endpoint, directory: string): string[] {
  if ('path' in at) throw new Error('wrk, its client, knows no Unix sockets');
  const config = join(directory, 'nginx.conf');
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const text = `
daemon off;
master_process off;
pid ${join(directory, 'nginx.pid')};
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  ${folders.join(' ')}
  keepalive_requests 1000000000;
  server {
    listen ${at.address}:${at.port};
    location / { default_type text/plain; return 200 "${'x'.repeat(BODY_BYTES)}"; }
  }
}
`;
  writeFileSync(config, text, { mode: 0o600 });
  return ['nginx', '-p', directory, '-c', config, '-e', 'stderr'];
}
