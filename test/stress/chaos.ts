/** What is done to a splice while the traffic of the stress test runs through it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Entry, type ErrorCode, SockKey, SpliceError } from '../../src/core/index.ts';
import type { TestBed } from '../support/kernel.ts';
import { findDescriptor } from './find-socket.ts';
import type { Random } from './random.ts';

const TOOL = join(import.meta.dirname, 'tool.ts');
const DOWN_TRIES = 6;

/** Takes a splice apart and puts it together again, one action after the other. */
export class Chaos {
  /** What was done last, for whoever reports a failure. */
  last = 'nothing yet';
  /** How often each action was done, and messages redirected meanwhile. */
  readonly counts: Record<string, number> = {};
  redirects = 0;
  readonly #bed: TestBed;
  readonly #random: Random;

  constructor(bed: TestBed, random: Random) {
    this.#bed = bed;
    this.#random = random;
  }

  async act(): Promise<void> {
    const actions = {
      bypass: () => this.#bypass(),
      delete: () => this.#deleteAndPut(),
      adopt: () => this.#adopt(),
      down: () => this.#downAndUp(),
      kill: () => this.#killTool(),
      nothing: () => sleep(this.#random.int(0, 300)),
    };
    const name = this.#random.pick([
      'bypass',
      'delete',
      'delete',
      'delete',
      'adopt',
      'adopt',
      'down',
      'kill',
      'nothing',
    ]);
    this.counts[name as string] = (this.counts[name as string] ?? 0) + 1;
    this.#note(name as string);
    await actions[name as keyof typeof actions]();
  }

  /** Brings the splice to where everything is redirected, whatever a killed tool left. */
  async recover(): Promise<void> {
    const { splice, cgroup } = this.#bed;
    const status = splice.status();
    if (status.loaded && !status.bypass) return;
    if (status.loaded) await this.#down();
    splice.up({ cgroups: [cgroup] });
  }

  /** Takes it down for good, and says how many messages were redirected in all. */
  async end(): Promise<number> {
    this.#note('the last down');
    await this.#down();
    return this.redirects;
  }

  /** Takes everything down; the traffic reads on, so that every queue is empty sooner or later. */
  async #down(): Promise<void> {
    this.#addRedirects();
    for (let tries = 1; ; tries++) {
      try {
        const { lostBytes } = await this.#bed.splice.down();
        if (lostBytes !== 0) throw new Error(`down lost ${lostBytes} bytes`);
        return;
      } catch (error) {
        if (!isCode(error, 'NOT_DRAINED') || tries === DOWN_TRIES) throw error;
      }
    }
  }

  async #bypass(): Promise<void> {
    this.#bed.splice.setMode('bypass');
    await sleep(this.#random.int(0, 200));
    this.#bed.splice.setMode('guarded');
    await sleep(this.#random.int(0, 200));
  }

  /** Several entries one after the other, those with unread bytes first: they have something to lose. */
  async #deleteAndPut(): Promise<void> {
    const entries = this.#bed.splice.entries().sort((a, b) => b.queuedBytes - a.queuedBytes);
    for (const entry of entries.slice(0, this.#random.int(1, 6))) await this.#deleteAndPutOne(entry);
  }

  async #deleteAndPutOne(entry: Entry): Promise<void> {
    const { splice } = this.#bed;
    this.#note(`delete ${entry.key}`);
    const deleted = await tolerating(['NO_ENTRY', 'NOT_DRAINED'], () => splice.del(entry.key, { timeoutMs: 1500 }));
    if (!deleted) return;
    await sleep(this.#random.int(0, 50));
    if (entry.process && this.#random.chance(0.7)) await this.#put(entry.key, entry.process.pid);
  }

  /** Takes in the connections that have no entry: those from before an `up`, and those deleted. */
  async #adopt(): Promise<void> {
    const { adopted } = this.#bed.splice.adopt();
    this.counts.adopted = (this.counts.adopted ?? 0) + adopted;
  }

  async #put(key: string, pid: number): Promise<void> {
    const fd = findDescriptor(pid, SockKey.from(key));
    if (fd === null) return;
    this.#note(`put ${key}`);
    // It is in the map already, or closed meanwhile and its descriptor is another's.
    const refusals = ['KERNEL_REFUSED', 'NO_SUCH_SOCKET', 'WRONG_SOCKET'] as const;
    const put = await tolerating(refusals, () => this.#bed.splice.put(key, { pid, fd }));
    if (put) this.counts.put = (this.counts.put ?? 0) + 1;
  }

  async #downAndUp(): Promise<void> {
    await this.#down();
    await sleep(this.#random.int(0, 100));
    this.#bed.splice.up({ cgroups: [this.#bed.cgroup] });
    await sleep(this.#random.int(0, 500));
  }

  /** Ends a tool with SIGKILL wherever it is just then. */
  async #killTool(): Promise<void> {
    const { splice, pin, cgroup } = this.#bed;
    const work = this.#random.pick(['up', 'entries', 'del', 'down']) as string;
    const key = this.#random.pick(splice.entries({ owners: false }))?.key ?? '127.0.0.1:1->127.0.0.1:2';
    this.#note(`kill ${work} ${key}`);
    this.#addRedirects();
    const tool = spawn(process.execPath, [TOOL, work, pin, work === 'up' ? cgroup : key], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(tool, 'exit');
    await once(tool.stdout, 'data');
    if (work === 'up') await tolerating(['BUSY', 'NOT_LOADED', 'NOT_DRAINED'], () => splice.down({ timeoutMs: 500 }));
    await sleep(this.#random.int(0, 120));
    tool.kill('SIGKILL');
    await gone;
    await this.recover();
  }

  #addRedirects(): void {
    const status = this.#bed.splice.status();
    if (status.loaded) this.redirects += status.totals.redirects;
  }

  #note(what: string): void {
    this.last = `${what}, ${new Date().toISOString()}`;
  }
}

async function tolerating<T>(codes: readonly ErrorCode[], work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (codes.some((code) => isCode(error, code))) return null;
    throw error;
  }
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof SpliceError && error.code === code;
}
