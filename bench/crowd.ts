/** A splice with very many entries, for the benches: connections of several processes to themselves. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCgroup2, openSplice, type Splice } from '../src/core/index.ts';
import { spawnInCgroup } from '../test/support/peers.ts';

const PROCESSES = 4;

export class Crowd implements AsyncDisposable {
  readonly splice: Splice;
  readonly #cgroup: string;
  readonly #children: ChildProcess[] = [];

  private constructor(name: string) {
    this.splice = openSplice({ pin: `/sys/fs/bpf/${name}` });
    this.#cgroup = join(findCgroup2(), name);
  }

  /**
   * Brings a splice up in a cgroup of its own and opens connections in it.
   * @param connections how many; each is two entries, and two open files
   * @param messages how many are sent a second, each by the next of all sockets
   */
  static async gather(connections: number, messages = 0): Promise<Crowd> {
    const crowd = new Crowd(`splice-bench-${process.pid}`);
    mkdirSync(crowd.#cgroup);
    try {
      crowd.splice.up({ cgroups: [crowd.#cgroup] });
      const script = join(import.meta.dirname, 'many-connections.ts');
      const share = [connections, messages].map((all) => String(Math.floor(all / PROCESSES)));
      for (let index = 0; index < PROCESSES; index++) {
        const argv = [process.execPath, script, ...share];
        crowd.#children.push(spawnInCgroup(crowd.#cgroup, argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
      }
      await Promise.all(crowd.#children.map((child) => child.stdout && once(child.stdout, 'data')));
      return crowd;
    } catch (error) {
      await crowd[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.stdin?.end();
    await Promise.all(this.#children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)));
    if (this.splice.status().loaded) await this.splice.down({ force: true });
    this.splice.close();
    while (readFileSync(join(this.#cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(20);
    rmdirSync(this.#cgroup);
  }
}
