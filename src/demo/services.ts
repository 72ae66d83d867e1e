/** The services of the demo: service B serves, service A calls, and redis joins in when it is installed. */
import { setFrozen } from '../host/cgroups.ts';
import { HostProcess, programBeside } from '../host/host-process.ts';
import type { Hosts } from '../host/hosts.ts';
import type { DemoCgroup } from './demo-cgroup.ts';
import { Redis } from './redis.ts';

const PORT = '8080';

const own = (program: string) => programBeside(import.meta.url, program);

export class Services {
  /** What takes part, for people. */
  readonly names: readonly string[];
  readonly #cgroup: string;
  readonly #client: HostProcess;
  readonly #redis: Redis | null;
  readonly #onFailure: (error: unknown) => void;

  private constructor(cgroup: string, client: HostProcess, redis: Redis | null, onFailure: (error: unknown) => void) {
    this.names = redis ? ['an HTTP API', 'redis'] : ['an HTTP API'];
    this.#cgroup = cgroup;
    this.#client = client;
    this.#redis = redis;
    this.#onFailure = onFailure;
  }

  /**
   * Starts every process; no connection is open yet.
   * @param onFailure told when a process ends by itself later on
   * @throws SpliceError PROCESS_FAILED
   */
  static async start(hosts: Hosts, cgroup: DemoCgroup, onFailure: (error: unknown) => void): Promise<Services> {
    const directory = cgroup.services;
    const server = await HostProcess.node('service B', { host: hosts.b, cgroup: directory }, own('service-b'), [PORT]);
    const target = [hosts.b.address, PORT];
    const client = await HostProcess.node('service A', { host: hosts.a, cgroup: directory }, own('service-a'), target);
    const redis = await Redis.start(hosts, directory);
    for (const service of [server, client, redis?.server]) service?.failed.catch(onFailure);
    return new Services(directory, client, redis, onFailure);
  }

  /**
   * Closes all connections that are open and opens new ones.
   * @returns how many
   */
  async connect(): Promise<number> {
    const opened = await this.#client.ask<number>('connect');
    return opened + ((await this.#redis?.connect(this.#onFailure)) ?? 0);
  }

  /** Does something while the services stand still. */
  async whilePaused<Value>(action: () => Promise<Value>): Promise<Value> {
    setFrozen(this.#cgroup, true);
    try {
      return await action();
    } finally {
      setFrozen(this.#cgroup, false);
    }
  }
}
