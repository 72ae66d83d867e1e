/**
 * Where one run of an experiment happens: a cgroup, network namespaces and a pin directory that no
 * other run has. Disposing it ends every process in it and removes all of it.
 */
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Counters, type Entry, openSplice, SockKey, type Splice } from '../core/index.ts';
import { makeCgroup } from '../host/cgroups.ts';
import { findIp } from '../host/hosts.ts';
import { runTool } from '../host/tools.ts';
import type { Variant } from './experiment.ts';
import { labFailed } from './failure.ts';
import { Journal } from './journal.ts';
import { LoaderProcess } from './loader-process.ts';
import { PeerProcess } from './peer-process.ts';
import type { Ports } from './peer-protocol.ts';
import { removeStage, stageName } from './removal.ts';

const WAIT_MS = 5_000;
const LOOK_MS = 5;

export class Stage implements AsyncDisposable {
  readonly variant: Variant;
  readonly journal = new Journal();
  readonly pin: string;
  readonly #name: string;
  /** What is spliced. */
  readonly #cgroup: string;
  readonly #outside: string;
  readonly #processes: { stop(): Promise<void> }[] = [];
  readonly #splice: Splice;
  #namespaces = 0;
  #ended = false;

  /** @param beside a pin directory: that of the stage is made beside it */
  constructor(variant: Variant, beside: string) {
    this.variant = variant;
    this.#name = stageName();
    this.pin = join(dirname(resolve(beside)), this.#name);
    this.#splice = openSplice({ pin: this.pin });
    const { inside, outside } = makeCgroup(this.#name, ['inside', 'outside']);
    this.#cgroup = inside;
    this.#outside = outside;
  }

  /** The splice, when the variant has one. Up as soon as load() or a loader made it. */
  get splice(): Splice | null {
    return this.variant === 'tcp' ? null : this.#splice;
  }

  /** Brings the variant's splice up; plain TCP needs none. */
  load(): void {
    this.#check();
    if (this.variant === 'tcp') return;
    this.#splice.up({ cgroups: [this.#cgroup], mode: this.variant });
    this.note('splice', `up, mode ${this.variant}`);
  }

  /** The same by a process of its own, which can be killed; null for plain TCP. */
  async loader(): Promise<LoaderProcess | null> {
    this.#check();
    if (this.variant === 'tcp') return null;
    const loader = new LoaderProcess(this.pin, this.#cgroup, this.variant);
    this.#processes.push(loader);
    await loader.ready();
    this.note('loader', `brought the splice up, mode ${this.variant}, and watches it`);
    return loader;
  }

  /** Flips the live switch, if there is one. */
  setRedirecting(on: boolean): void {
    if (this.variant === 'tcp') return;
    this.#splice.setMode(on ? this.variant : 'bypass');
    this.note('splice', on ? 'redirects from here on' : 'bypassed: everything goes by TCP');
  }

  /** A new network namespace with its loopback up. */
  namespace(): string {
    this.#check();
    const name = `${this.#name}-${++this.#namespaces}`;
    const ip = findIp();
    runTool(ip, ['netns', 'add', name]);
    runTool(ip, ['-n', name, 'link', 'set', 'lo', 'up']);
    return name;
  }

  /** A process with sockets, inside of the spliced cgroup unless told otherwise. */
  async peer(namespace: string = this.namespace(), where: 'inside' | 'outside' = 'inside'): Promise<PeerProcess> {
    this.#check();
    const cgroup = where === 'inside' ? this.#cgroup : this.#outside;
    const peer = await PeerProcess.start('process with sockets', { namespace, cgroup }, this.journal);
    this.#processes.push(peer);
    return peer;
  }

  note(who: string, what: string): void {
    this.journal.note(who, what);
  }

  /** The entry of an end, or null; always null for plain TCP. */
  entry(end: Ports): Entry | null {
    if (this.variant === 'tcp') return null;
    const key = keyOf(end).toString();
    return this.#splice.entries({ owners: false }).find((entry) => entry.key === key) ?? null;
  }

  /** What the splice counted; null when none is loaded. */
  totals(): Counters | null {
    const status = this.splice?.status();
    return status?.loaded ? status.totals : null;
  }

  /** Waits for something that the kernel or another process does; false when it does not come. */
  async becomes(condition: () => boolean | Promise<boolean>, timeoutMs = WAIT_MS): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (performance.now() > deadline) return false;
      this.#check();
      await sleep(LOOK_MS);
    }
    return true;
  }

  /** The same, where the experiment makes no sense without it. */
  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    if (!(await this.becomes(condition))) throw labFailed(`waited ${WAIT_MS / 1000} s in vain until ${what}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#processes.map((process) => process.stop()));
    this.#splice.close();
    await removeStage(this.#name, this.pin);
  }

  /** A run that was ended must not make anything new. */
  #check(): void {
    if (this.#ended) throw labFailed('the run has ended');
  }
}

/** The key of an end on the loopback. */
export function keyOf({ local, remote }: Ports): SockKey {
  return SockKey.from({ sip: '127.0.0.1', dip: '127.0.0.1', sport: local, dport: remote });
}
