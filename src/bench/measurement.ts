/** Measures one row: starts a server for each variant, warms up, and runs the clients in turn. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASS_REASONS, type Passes, SpliceError } from '../core/index.ts';
import type { Ending } from '../host/ending.ts';
import { HostProcess } from '../host/host-process.ts';
import { cgroupSeconds, ksoftirqds, threadSeconds } from './cpu-time.ts';
import { cpusOf, endsOf, onCpu } from './places.ts';
import type { Row } from './rows.ts';
import { APART_MS, interleave } from './schedule.ts';
import { startServer } from './server.ts';
import type { Stage } from './stage.ts';
import type { Variant } from './variants.ts';
import type { Endpoint, Reading } from './workload.ts';

/** What a client may take beyond what it should. */
const LATE_MS = 15_000;

/** Clients that start early: one that measures, and two that wait. */
const MOST_CLIENTS = 3;

/** A client is halted so long before it would begin. */
const HALT_BEFORE_MS = 40;

/** What a splice did during a row. */
export interface Counted {
  redirects: number;
  redirectBytes: number;
  passes: Passes;
}

/** A variant's part of a row. */
export interface Measured {
  variant: Variant;
  /** One a round, null where it could not be measured. */
  rounds: (Reading | null)[];
  /** Null when it has no splice. */
  counted: Counted | null;
  /** Why there are no figures; null when there are. */
  failure: string | null;
}

/** A variant while it is measured. */
interface Contender extends Measured {
  at: Endpoint;
  server: HostProcess | null;
  speed: number | null;
  before: Counted | null;
}

export class Measurement {
  readonly #row: Row;
  readonly #stage: Stage;
  readonly #ending: Ending;
  readonly #contenders: Contender[] = [];
  readonly #softirqs: number[];

  constructor(row: Row, stage: Stage, ending: Ending) {
    this.#row = row;
    this.#stage = stage;
    this.#ending = ending;
    const cpus = this.#cpus();
    this.#softirqs = ksoftirqds([...new Set([cpus.client, cpus.server])]);
  }

  /**
   * @param onRound told before each round
   * @throws SpliceError when the run ends; what fails in one variant is in its `failure`
   */
  async run(rounds: number, onRound: (round: number) => void): Promise<Measured[]> {
    try {
      for (const variant of this.#row.variants) await this.#prepare(variant);
      if (this.#row.workload.quietMs > 0) await this.#overlapped(rounds, onRound);
      else await this.#oneByOne(rounds, onRound);
      return this.#contenders.map((contender) => this.#judge(contender));
    } finally {
      await Promise.all(this.#contenders.map(({ server }) => server?.stop()));
    }
  }

  /** Starts the variant's server and warms it up. */
  async #prepare(variant: Variant): Promise<void> {
    const directory = this.#stage.newDirectory();
    const address = endsOf(this.#row.place, this.#stage.hosts).address;
    const at = variant === 'unix' ? { path: join(directory, 'socket') } : { address, port: this.#stage.newPort() };
    const contender: Contender = {
      variant,
      at,
      server: null,
      speed: null,
      before: null,
      rounds: [],
      counted: null,
      failure: null,
    };
    this.#contenders.push(contender);
    await this.#attempt(contender, () => this.#warmUp(contender, directory));
    contender.before = this.#stage.counted(variant);
  }

  async #warmUp(contender: Contender, directory: string): Promise<void> {
    const { workload } = this.#row;
    const { variant, at } = contender;
    const { server: host } = endsOf(this.#row.place, this.#stage.hosts);
    const cgroup = this.#stage.cgroup(workload.isServerInside ? variant : 'outside');
    const place = { host, cgroup, scheduler: onCpu(this.#cpus().server) };
    contender.server = await this.#ending.orEnd(startServer(place, workload.server(at, directory), at));
    if (workload.warmUp === null) return;
    const command = workload.warmUp?.(at) ?? workload.client(at, null);
    contender.speed = workload.pace?.(await this.#client(contender, command)) ?? null;
  }

  async #oneByOne(rounds: number, onRound: (round: number) => void): Promise<void> {
    for (const { round, variant: contender } of interleave(this.#contenders, rounds)) {
      if (contender === this.#contenders[0]) onRound(round);
      contender.rounds[round] = await this.#attempt(contender, () => this.#measure(contender));
    }
  }

  /**
   * The clients are quiet first: each is started early enough to begin when the one before is over,
   * and is halted should that take longer.
   */
  async #overlapped(rounds: number, onRound: (round: number) => void): Promise<void> {
    const clients: Promise<void>[] = [];
    for (const { round, variant: contender } of interleave(this.#contenders, rounds)) {
      if (contender === this.#contenders[0]) onRound(round);
      const before = clients.at(-1);
      const client = this.#attempt(contender, () => this.#measure(contender, before)).then((reading) => {
        contender.rounds[round] = reading;
      });
      clients.push(client);
      // It fails only when the run ends, and that is told below.
      client.catch(() => {});
      // No more than three at once, one that measures and two that wait; and of a variant only one.
      await this.#ending.orEnd(Promise.all([sleep(this.#row.workload.busyMs + APART_MS), clients.at(-this.#atOnce)]));
    }
    await this.#ending.orEnd(Promise.all(clients));
  }

  get #atOnce(): number {
    return Math.min(MOST_CLIENTS, this.#contenders.length);
  }

  /** A bystander's server is in no variant's cgroup, and its time is left out. */
  async #measure(contender: Contender, before?: Promise<void>): Promise<Reading> {
    const { workload } = this.#row;
    const { at, speed, variant } = contender;
    const cpuSeconds = () => cgroupSeconds(this.#stage.cgroup(variant)) + threadSeconds(this.#softirqs);
    const start = cpuSeconds();
    const printed = await this.#client(contender, workload.client(at, speed), before);
    return workload.read(printed, { cpuSeconds: cpuSeconds() - start, speed });
  }

  /** Runs a client to its end, its traffic not before another one is over; returns what it printed. */
  async #client({ variant }: Contender, command: readonly string[], before?: Promise<void>): Promise<string> {
    const { quietMs, busyMs } = this.#row.workload;
    const { client: host } = endsOf(this.#row.place, this.#stage.hosts);
    const place = { host, cgroup: this.#stage.cgroup(variant), scheduler: onCpu(this.#cpus().client) };
    const client = new HostProcess(command[0] ?? 'client', place, command);
    try {
      if (before) await this.#ending.orEnd(holdBack(client, quietMs, before));
      return await this.#ending.orEnd(client.finished(quietMs + busyMs + LATE_MS));
    } finally {
      await client.stop();
    }
  }

  /** Does something of a variant; when it fails, the variant is out and the others go on. */
  async #attempt<Value>(contender: Contender, work: () => Promise<Value>): Promise<Value | null> {
    if (contender.failure !== null) return null;
    try {
      return await work();
    } catch (error) {
      this.#ending.signal.throwIfAborted();
      contender.failure ??= error instanceof Error ? error.message : String(error);
      return null;
    }
  }

  /** What claims to measure a splice must have redirected; what claims to measure none must not. */
  #judge({ variant, rounds, before, failure }: Contender): Measured {
    const after = this.#stage.counted(variant);
    const counted = before && after ? difference(after, before) : null;
    const { isServerInside } = this.#row.workload;
    let reason = failure;
    if (counted && isServerInside && counted.redirects === 0) {
      reason ??= 'no message was redirected, so this would be no figure of a splice';
    }
    if (counted && !isServerInside && counted.redirects > 0) {
      reason ??= 'messages were redirected, so this would be no figure of a bystander';
    }
    return { variant, rounds: reason === null ? rounds : [], counted, failure: reason };
  }

  #cpus() {
    const cpus = cpusOf(this.#row.placement);
    if (cpus === null) throw new SpliceError('BENCH_FAILED', 'this process may use too few CPUs', 'taskset');
    return cpus;
  }
}

/** Halts a client that is about to begin until another one is over. */
async function holdBack(client: HostProcess, quietMs: number, before: Promise<void>): Promise<void> {
  const isOver = await Promise.race([before.then(() => true), sleep(quietMs - HALT_BEFORE_MS, false)]);
  if (isOver) return;
  client.pause(true);
  await before;
  client.pause(false);
}

function difference(after: Counted, before: Counted): Counted {
  return {
    redirects: after.redirects - before.redirects,
    redirectBytes: after.redirectBytes - before.redirectBytes,
    passes: Object.fromEntries(
      PASS_REASONS.map((reason) => [reason, after.passes[reason] - before.passes[reason]]),
    ) as Passes,
  };
}
