/** A place of its own in the kernel for one test: a cgroup, a pin directory, and their end. */
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCgroup2, openSplice, type Splice } from '../../src/core/index.ts';
import { patience } from '../setup/patience.ts';
import { Peers } from './peers.ts';

let count = 0;

/** A cgroup and a pin directory that no other test has; everything in them ends with it. */
export class TestBed implements AsyncDisposable {
  readonly name: string;
  readonly cgroup: string;
  readonly pin: string;
  readonly splice: Splice;

  constructor() {
    this.name = `splice-test-${process.pid}-${++count}`;
    this.cgroup = join(findCgroup2(), this.name);
    this.pin = `/sys/fs/bpf/${this.name}`;
    this.splice = openSplice({ pin: this.pin });
    mkdirSync(this.cgroup);
  }

  /** A process with sockets inside the cgroup. */
  peers(prefix: readonly string[] = []): Peers {
    return new Peers(this.cgroup, prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.splice.status().loaded) await this.splice.down({ force: true, timeoutMs: patience(1000) });
    this.splice.close();
    await until(() => readFileSync(join(this.cgroup, 'cgroup.procs'), 'utf8') === '', 'the cgroup is empty');
    rmdirSync(this.cgroup);
  }
}

/** Waits for something that the kernel or another process does; fails after some seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  { seconds = 5 }: { seconds?: number } = {},
): Promise<void> {
  const deadline = performance.now() + patience(1000 * seconds);
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited for ${patience(seconds)} seconds, and not yet: ${what}`);
    await sleep(10);
  }
}
