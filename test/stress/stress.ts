/** The stress test: traffic in a cgroup of its own, chaos in its splice, every byte checked. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { patience } from '../setup/patience.ts';
import { TestBed } from '../support/kernel.ts';
import { spawnInCgroup } from '../support/peers.ts';
import { race } from '../support/racer.ts';
import { Chaos } from './chaos.ts';
import type { Failure } from './end.ts';
import { Random } from './random.ts';
import type { Done, TrafficMessage, TrafficRequest } from './traffic.ts';

export interface StressOptions {
  seed: number;
  seconds: number;
}

export interface StressReport {
  seed: number;
  /** What the traffic processes did; connections are counted at both ends. */
  connections: number;
  bytes: number;
  redirects: number;
  /** How often each action of the chaos was done. */
  actions: Record<string, number>;
}

const TRAFFIC = join(import.meta.dirname, 'traffic.ts');
const LAST_CONNECTIONS_MS = patience(60_000);

/**
 * Runs traffic and chaos for some seconds, and then lets the last connections end.
 * @throws Error at the first thing that TCP would not have done, naming connection, place and seed
 */
export async function runStress({ seed, seconds }: StressOptions): Promise<StressReport> {
  await using bed = new TestBed();
  bed.splice.up({ cgroups: [bed.cgroup] });
  await using server = new Traffic(bed.cgroup, ['server', String(seed)]);
  const port = await Promise.race([server.port, server.failed]);
  await using client = new Traffic(bed.cgroup, ['client', String(seed), String(port)]);
  const chaos = new Chaos(bed, new Random(seed));
  const report: StressReport = { seed, connections: 0, bytes: 0, redirects: 0, actions: chaos.counts };
  let over = false;

  const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rmSync(folder, { recursive: true }));
  const usingAgain = race(bed.cgroup, folder, 'used-again', String(seconds), 'connect');
  usingAgain.catch(() => {});

  const torment = async () => {
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until && !over) await chaos.act();
    if (over) return;
    await chaos.recover();
    server.ask('hurry');
    for (const process of [client, server]) {
      process.ask('stop');
      const { connections, bytes } = await inTime(Promise.race([process.done, process.failed]));
      report.connections += connections;
      report.bytes += bytes;
    }
    report.redirects = await chaos.end();
  };
  const tormented = torment();
  try {
    await Promise.race([tormented, server.failed, client.failed]);
    const { wrong, stalls } = await usingAgain;
    if (wrong || stalls) throw new Error(`sockets that were used again: ${wrong} wrong, ${stalls} stood still`);
  } catch (error) {
    const action = chaos.last;
    over = true;
    await tormented.catch(() => {});
    throw new Error(`${(error as Error).message}\n  seed ${seed}; the last action: ${action}`, { cause: error });
  }
  return report;
}

/** A process with connections, and what it says. */
class Traffic implements AsyncDisposable {
  /** Rejects at the first failure, never resolves. */
  readonly failed: Promise<never>;
  readonly port: Promise<number>;
  readonly done: Promise<Done>;
  readonly #child: ChildProcess;

  constructor(cgroup: string, argv: readonly string[]) {
    this.#child = spawnInCgroup(cgroup, [process.execPath, TRAFFIC, ...argv], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [port, done, failed] = [
      Promise.withResolvers<number>(),
      Promise.withResolvers<Done>(),
      Promise.withResolvers<never>(),
    ];
    [this.port, this.done, this.failed] = [port.promise, done.promise, failed.promise];
    this.#child.on('message', (message: TrafficMessage) => {
      if ('port' in message) port.resolve(message.port);
      else if ('done' in message) done.resolve(message.done);
      else failed.reject(new Error(describe(message.failure)));
    });
    this.#child.on('exit', (status, signal) =>
      failed.reject(new Error(`a traffic process ended: ${signal ?? status}`)),
    );
    // It is for those who wait; the end of the test is an end of the processes too.
    this.failed.catch(() => {});
  }

  ask(request: TrafficRequest): void {
    this.#child.send(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

function describe({ connection, direction, offset, what }: Failure): string {
  return `connection ${connection}, ${direction}, offset ${offset}: ${what}`;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = sleep(LAST_CONNECTIONS_MS, null, { signal: late.signal }).then(() => {
    throw new Error(`the last connections do not end within ${LAST_CONNECTIONS_MS} ms`);
  });
  timer.catch(() => {});
  try {
    return await Promise.race([work, timer]);
  } finally {
    late.abort();
  }
}
