/**
 * What a recording has told up to some frame. The player applies frames to it; the recorder keeps the
 * same one, to know what a player knows already.
 */
import type { Counters, Histogram, OwnerDetail, Turnaround } from '../core/index.ts';
import type { Route } from '../core/route.ts';
import { Flaw } from './checks.ts';
import {
  type EntryChange,
  type EntryFacts,
  type Frame,
  type HistogramChange,
  MOST,
  type ProcessFacts,
  type StatusFacts,
  type TurnaroundChange,
} from './format.ts';

/** An entry's facts, and when its ages were said. */
export interface SceneEntry {
  readonly facts: EntryFacts;
  readonly saidAt: number;
}

const NO_COUNTERS: Counters = {
  redirects: 0,
  redirectBytes: 0,
  passes: { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 },
};
export const NO_TURNAROUND: Turnaround = { redirected: { counts: [] }, byTcp: { counts: [] } };

/** The fields that an entry must have when it is told for the first time. */
const NEEDED = [
  'key',
  'state',
  'peer',
  'redirects',
  'redirectBytes',
  'passes',
  'queuedBytes',
  'ageMs',
  'verdict',
  'verdictMs',
] as const satisfies readonly (keyof EntryFacts)[];

export class Scene {
  /** Milliseconds since the recording began. */
  t = 0;
  status: StatusFacts = { loaded: false };
  totals = NO_COUNTERS;
  total = NO_TURNAROUND;
  /** These by cookie. */
  readonly entries = new Map<string, SceneEntry>();
  readonly owners = new Map<string, OwnerDetail>();
  readonly turnarounds = new Map<string, Turnaround>();
  /** By key: of those that have an entry. */
  readonly routes = new Map<string, Route>();
  /** By process id: of those that own an entry's socket. */
  readonly processes = new Map<number, ProcessFacts>();

  /** @throws Flaw when the frame does not fit what was told before; then nothing more can be told */
  apply(frame: Frame): void {
    if (frame.t < this.t) throw new Flaw(`its time ${frame.t} is before that of the frame before, ${this.t}`);
    if (frame.key) this.#forget();
    this.t = frame.t;
    if (frame.status) this.status = frame.status;
    if (frame.totals) this.totals = frame.totals;
    if (frame.total) this.total = changedTurnaround(this.total, frame.total);
    const goneKeys = frame.gone.map((cookie) => this.entries.get(cookie)?.facts.key);
    for (const cookie of frame.gone) {
      this.entries.delete(cookie);
      this.turnarounds.delete(cookie);
    }
    for (const [cookie, change] of frame.entries) this.entries.set(cookie, this.#changed(cookie, change));
    if (this.entries.size > MOST.entries) throw new Flaw(`there are more than ${MOST.entries} entries`);
    put(this.owners, frame.owners);
    put(this.processes, frame.processes);
    if (frame.owners.length > 0) this.#forgetProcesses();
    for (const [cookie, change] of frame.turnarounds) {
      this.turnarounds.set(cookie, changedTurnaround(this.turnarounds.get(cookie) ?? NO_TURNAROUND, change));
    }
    this.#changeRoutes(frame, goneKeys);
    const most = Math.max(this.owners.size, this.turnarounds.size, this.routes.size);
    if (most > MOST.entries) throw new Flaw('it tells of more sockets than there can be entries');
    if (this.processes.size > MOST.processes) throw new Flaw(`it tells of more than ${MOST.processes} processes`);
  }

  /** Those that own nothing any more. */
  #forgetProcesses(): void {
    const owners = new Set([...this.owners.values()].map(({ pid }) => pid));
    for (const pid of this.processes.keys()) if (!owners.has(pid)) this.processes.delete(pid);
  }

  /** A route stays as long as its key has an entry, even if another socket has the key now. */
  #changeRoutes({ entries, routes }: Frame, goneKeys: readonly (string | undefined)[]): void {
    if (goneKeys.length > 0) {
      const newKeys = new Set(entries.map(([, { key }]) => key));
      for (const key of goneKeys) if (key !== undefined && !newKeys.has(key)) this.routes.delete(key);
    }
    if (routes.length === 0) return;
    const keys = new Set([...this.entries.values()].map(({ facts }) => facts.key));
    for (const [key, route] of routes) if (keys.has(key)) this.routes.set(key, route);
  }

  #forget(): void {
    for (const known of [this.entries, this.owners, this.turnarounds, this.processes, this.routes]) known.clear();
    this.status = { loaded: false };
    this.totals = NO_COUNTERS;
    this.total = NO_TURNAROUND;
  }

  #changed(cookie: string, change: EntryChange): SceneEntry {
    const before = this.entries.get(cookie);
    if (before === undefined) {
      const missing = NEEDED.find((field) => change[field] === undefined);
      if (missing !== undefined) throw new Flaw(`it has a new entry ${cookie} without ${missing}`);
    }
    const passes = { ...NO_COUNTERS.passes, ...before?.facts.passes, ...change.passes };
    const facts = { ...(before && agedFacts(before, this.t)), ...change, passes } as EntryFacts;
    return { facts, saidAt: this.t };
  }
}

/** The facts of an entry as of time `t`: its ages went on meanwhile. */
export function agedFacts({ facts, saidAt }: SceneEntry, t: number): EntryFacts {
  if (t === saidAt) return facts;
  const { ageMs, verdictMs } = facts;
  return { ...facts, ageMs: ageMs + t - saidAt, verdictMs: verdictMs === null ? null : verdictMs + t - saidAt };
}

function changedTurnaround(before: Turnaround, { redirected, byTcp }: TurnaroundChange): Turnaround {
  return {
    redirected: changedHistogram(before.redirected, redirected),
    byTcp: changedHistogram(before.byTcp, byTcp),
  };
}

function changedHistogram(before: Histogram, change: HistogramChange | undefined): Histogram {
  if (change === undefined) return before;
  const counts = [...before.counts];
  for (const [bucket, count] of change) {
    while (counts.length <= bucket) counts.push(0);
    counts[bucket] = count;
  }
  return { counts };
}

/** Null takes away. */
function put<K, V>(known: Map<K, V>, changes: readonly (readonly [K, V | null])[]): void {
  for (const [key, value] of changes) {
    if (value === null) known.delete(key);
    else known.set(key, value);
  }
}
