/** A second pair of services, when it is installed: redis-server, and redis-benchmark calling it. */

import { HostProcess } from '../host/host-process.ts';
import type { Hosts } from '../host/hosts.ts';
import { findTool } from '../host/tools.ts';

const PORT = '6379';
const CLIENTS = '4';

/** The benchmark goes flat out, so it goes only this part of the time: others want to live too. */
const WORK_MS = 20;
const PERIOD_MS = 200;

/** Redis in service B, and its benchmark in service A. */
export class Redis {
  readonly server: HostProcess;
  readonly #startLoad: () => HostProcess;
  #load: HostProcess | undefined;
  #turns: NodeJS.Timeout | undefined;

  private constructor(server: HostProcess, startLoad: () => HostProcess) {
    this.server = server;
    this.#startLoad = startLoad;
  }

  /**
   * Starts the server.
   * @returns null when redis-server or redis-benchmark is not installed
   */
  static async start({ a, b }: Hosts, cgroup: string): Promise<Redis | null> {
    const [serverProgram, loadProgram] = [findTool('redis-server'), findTool('redis-benchmark')];
    if (serverProgram === null || loadProgram === null) return null;
    const listen = ['--bind', b.address, '--port', PORT, '--protected-mode', 'no'];
    const inMemory = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
    const server = new HostProcess('redis-server', { host: b, cgroup }, [serverProgram, ...listen, ...inMemory]);
    await server.printed('eady to accept connections');
    const target = ['-h', b.address, '-p', PORT, '-c', CLIENTS];
    const load = [loadProgram, ...target, '-t', 'set,get', '-n', '1000000', '-l', '-q'];
    return new Redis(server, () => new HostProcess('redis-benchmark', { host: a, cgroup }, load));
  }

  /** Closes the benchmark's connections, and opens new ones. */
  async connect(onFailure: (error: unknown) => void): Promise<number> {
    clearInterval(this.#turns);
    await this.#load?.stop();
    const load = this.#startLoad();
    load.failed.catch(onFailure);
    this.#load = load;
    this.#turns = setInterval(() => {
      load.pause(false);
      setTimeout(() => load.pause(true), WORK_MS).unref();
    }, PERIOD_MS).unref();
    return Number(CLIENTS);
  }
}
