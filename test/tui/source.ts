/** A source of looks for tests of the store and the components: the kernel is not what they test. */
import { type EntryJson, type Owner, SpliceError, type Status } from '../../src/core/index.ts';
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
  ownersAsked = 0;

  snapshot(): Look {
    this.#fail();
    const { atMs, entries } = this;
    return { atMs, entries: this.loaded ? [...entries] : [], status: this.loaded ? this.#status() : { loaded: false } };
  }

  owners(): Map<string, Owner> {
    this.ownersAsked++;
    return new Map(this.entries.map(({ cookie }) => [cookie, { pid: Number(cookie), comm: 'curl' }]));
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
    };
  }

  #fail(): void {
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure;
  }
}

export const BUSY = new SpliceError('BUSY', 'somebody else changes it', 'again in a moment');
