/** A source of looks for tests of the store and the components: the kernel is not what they test. */

import { setImmediate } from 'node:timers/promises';
import {
  type AdoptionReport,
  type DeleteOptions,
  type DeleteReport,
  type EntryJson,
  type EventReader,
  type KeyInput,
  type Owner,
  type ProcessDetail,
  type Route,
  SpliceError,
  type Status,
  type Steps,
  type Turnaround,
} from '../../src/core/index.ts';
import { NONE_KEPT_OUT } from '../../src/core/layout.ts';
import type { Look, Source } from '../../src/tui/source.ts';
import { totalPasses } from '../../src/view/columns.ts';
import { NO_PASSES } from '../view/fixtures.ts';

/** What is loaded, and what the next look shows; a test writes it. */
export class Scene implements Source {
  readonly pin = '/sys/fs/bpf/scene';
  atMs = 1000;
  entries: EntryJson[] = [];
  loaded = true;
  bypass = false;
  mapId = 7;
  /** Thrown by whatever is asked next. */
  failure: Error | null = null;
  /** Whether a removal goes on until it is interrupted. */
  isUnread = false;
  /** Whether a removal is under way. */
  isDraining = false;
  ownersAsked = 0;
  times = new Map<string, Turnaround>();
  turnaroundsAsked: (string[] | 'all')[] = [];

  *look(): Steps<Look> {
    yield;
    this.#fail();
    const { atMs, entries } = this;
    return { atMs, entries: this.loaded ? [...entries] : [], status: this.loaded ? this.#status() : { loaded: false } };
  }

  *findOwners(): Steps<Map<string, Owner>> {
    yield;
    this.ownersAsked++;
    return new Map(this.entries.map(({ cookie }) => [cookie, { pid: Number(cookie), comm: 'curl' }]));
  }

  turnaround(): Turnaround {
    return { redirected: { counts: [] }, byTcp: { counts: [] } };
  }

  turnarounds(keys?: Iterable<string>): Map<string, Turnaround> {
    this.turnaroundsAsked.push(keys ? [...keys] : 'all');
    return this.times;
  }

  events(): EventReader {
    return { read: () => ({ events: [], lost: 0 }), trace: () => {}, close: () => {}, [Symbol.dispose]: () => {} };
  }

  processDetail(pid: number): ProcessDetail | null {
    return pid > 0 ? { cmdline: `curl --${pid}`, cgroup: '/scene' } : null;
  }

  async findRoute(): Promise<Route> {
    return ['veth', 'bridge', 'veth'];
  }

  async del(key: KeyInput, { signal }: DeleteOptions = {}): Promise<DeleteReport> {
    this.#fail();
    if (this.isUnread) await this.#interrupted(signal);
    const text = String(key);
    this.entries = this.entries.filter((entry) => entry.key !== text);
    return { key: text, lostBytes: 0 };
  }

  adopt(): AdoptionReport {
    this.#fail();
    return { adopted: 3, keys: [], skipped: ['10.0.0.1:1->10.0.0.2:2'] };
  }

  mode(): 'guarded' | 'bypass' {
    return this.bypass ? 'bypass' : 'guarded';
  }

  setMode(name: string): 'guarded' | 'bypass' {
    this.#fail();
    this.bypass = name === 'bypass';
    return this.mode();
  }

  #status(): Status {
    const sum = (field: 'redirects' | 'redirectBytes') => this.entries.reduce((all, entry) => all + entry[field], 0);
    const bypassed = this.entries.reduce((all, entry) => all + totalPasses(entry), 0);
    return {
      loaded: true,
      mode: 'guarded',
      bypass: this.bypass,
      pin: this.pin,
      cgroups: ['/sys/fs/cgroup/scene'],
      map: { id: this.mapId, name: 'INTERCEPT_MAP', entries: this.entries.length, maxEntries: 65536 },
      totals: {
        redirects: sum('redirects'),
        redirectBytes: sum('redirectBytes'),
        passes: { ...NO_PASSES, bypass: bypassed },
      },
      keptOut: NONE_KEPT_OUT,
    };
  }

  async #interrupted(signal: AbortSignal | undefined): Promise<void> {
    this.isDraining = true;
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    await setImmediate();
    this.isDraining = false;
    throw new SpliceError('INTERRUPTED', 'the removal was interrupted; the entry stays', 'again');
  }

  #fail(): void {
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure;
  }
}

export const BUSY = new SpliceError('BUSY', 'somebody else changes it', 'again in a moment');
