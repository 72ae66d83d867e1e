/**
 * How long a small message takes from service A to service B and back. Two connections are compared:
 * the one called `before` was made before the splice, so it never has an entry and goes by TCP to
 * its end; the one called `after` was made after. Client and server share one CPU and come before
 * other processes there, so that what is seen is the path, and not who else works on this machine.
 */

import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_OF_PROC, readText } from '../core/bounded-file.ts';
import { HostProcess, programBeside } from '../host/host-process.ts';
import type { Hosts } from '../host/hosts.ts';
import { needTool } from '../host/tools.ts';
import type { DemoCgroup } from './demo-cgroup.ts';
import type { PingAnswer, PingQuestion } from './ping-protocol.ts';
import { type Comparison, type Latency, summarize } from './quantiles.ts';

const PORT = '7000';

/** Enough for the JIT to settle; the same on both connections. */
const WARM_UP = 10_000;
const ROUNDS = 20;
const SAMPLES_A_ROUND = 1000;
const BETWEEN_ROUNDS_MS = 10;

/** While the services run: a few samples a second, over the last half minute. */
const LIVE_INTERVAL_MS = 500;
const LIVE_SAMPLES = 200;
const LIVE_ROUNDS = 60;

/** The two connections. */
export const CONNECTIONS = ['before', 'after'] as const;
export type Connection = (typeof CONNECTIONS)[number];

export class LatencyMeter {
  readonly #client: HostProcess;
  readonly #paused: Record<Connection, PingAnswer[]> = { before: [], after: [] };
  readonly #live: Record<Connection, PingAnswer[]> = { before: [], after: [] };

  private constructor(client: HostProcess) {
    this.#client = client;
  }

  /**
   * Starts the two processes that measure; no connection is open yet.
   * @throws SpliceError PROCESS_FAILED
   */
  static async start({ a, b }: Hosts, { latency: cgroup }: DemoCgroup): Promise<LatencyMeter> {
    const scheduler = undisturbed();
    await HostProcess.node(
      'ping server',
      { host: b, cgroup, scheduler },
      programBeside(import.meta.url, 'ping-server'),
      [PORT],
    );
    const target = [b.address, PORT];
    return new LatencyMeter(
      await HostProcess.node(
        'ping client',
        { host: a, cgroup, scheduler },
        programBeside(import.meta.url, 'ping-client'),
        target,
      ),
    );
  }

  /** Opens a connection and warms it up. */
  async open(connection: Connection): Promise<void> {
    await this.#ask({ open: connection });
    await this.#ask({ measure: connection, samples: WARM_UP });
  }

  /**
   * Measures for about a second, adding to what was measured on the same connection earlier.
   * Several connections are measured in turns, so that all see the same weather on this machine.
   */
  async measure(...connections: Connection[]): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(BETWEEN_ROUNDS_MS);
      for (const connection of connections) {
        this.#paused[connection].push(await this.#ask({ measure: connection, samples: SAMPLES_A_ROUND }));
      }
    }
  }

  /** All that measure() saw on a connection. */
  latency(connection: Connection): Latency {
    return summarize(this.#paused[connection]);
  }

  /** Measures on both connections in turns, under the same load, until `signal` aborts. */
  async keepMeasuring(signal: AbortSignal): Promise<void> {
    // Whoever comes first finds colder caches, so they take turns at that, too.
    for (let order = [...CONNECTIONS]; !signal.aborted; order.reverse()) {
      await sleep(LIVE_INTERVAL_MS, undefined, { ref: false });
      for (const connection of order) {
        const rounds = this.#live[connection];
        rounds.push(await this.#ask({ measure: connection, samples: LIVE_SAMPLES }));
        if (rounds.length > LIVE_ROUNDS) rounds.shift();
      }
    }
  }

  /** All that was measured with the services paused, and of late while they run. */
  compare(): Comparison {
    const { before, after } = this.#live;
    const live = after.length === 0 ? null : { before: summarize(before), after: summarize(after) };
    return { before: this.latency('before'), after: this.latency('after'), live };
  }

  #ask(question: PingQuestion): Promise<PingAnswer> {
    return this.#client.ask<PingAnswer>(question);
  }
}

/** Real-time priority where this machine grants it, on one CPU. */
function undisturbed(): string[] {
  const chrt = needTool('chrt', 'util-linux');
  const realTime = ['--fifo', '1'];
  const granted = spawnSync(chrt, [...realTime, 'true']).status === 0;
  return [...(granted ? [chrt, ...realTime] : []), needTool('taskset', 'util-linux'), '--cpu-list', lastCpu()];
}

/** The last CPU that this process may use: the first ones have more interrupts to serve. */
function lastCpu(): string {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText('/proc/self/status', MOST_OF_PROC))?.[1] ?? '0';
  return list.split(/[,-]/).at(-1) as string;
}
