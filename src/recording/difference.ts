/** Makes frames: what a scene does not know yet of what was seen. */
import type { Counters, EntryJson, Histogram, OwnerDetail, SpliceEvent, Status, Turnaround } from '../core/index.ts';
import { PASS_REASONS } from '../core/index.ts';
import type { Route } from '../core/route.ts';
import type {
  EntryChange,
  EntryFacts,
  Frame,
  HistogramChange,
  ProcessFacts,
  StatusFacts,
  TurnaroundChange,
} from './format.ts';
import { agedFacts, NO_TURNAROUND, Scene, type SceneEntry } from './scene.ts';

/** An entry as a source gives it; who knows no verdicts has none. */
export type SeenEntry = EntryJson & Partial<Pick<EntryFacts, 'verdict' | 'verdictMs'>>;

/** What was seen at one moment. What was not asked for at that moment is left out, and stays as it was. */
export interface Seen {
  readonly t: number;
  readonly status: Status;
  readonly entries: readonly SeenEntry[];
  readonly total?: Turnaround;
  readonly owners?: ReadonlyMap<string, OwnerDetail>;
  readonly turnarounds?: ReadonlyMap<string, Turnaround>;
  readonly processes?: ReadonlyMap<number, ProcessFacts | null>;
  readonly routes?: ReadonlyMap<string, Route>;
  readonly events?: readonly SpliceEvent[];
  readonly lost?: number;
}

/** An age goes on by itself; said anew only when it is further off than this. */
const AGE_TOLERANCE_MS = 50;

/** What tells a player that knows `scene` what was seen. */
export function difference(scene: Scene, seen: Seen): Frame {
  return frameOf(scene, seen, false);
}

/** What tells everything that `scene` knows to a player that knows nothing. */
export function keyframe(scene: Scene): Frame {
  const { t, status, totals, total, owners, turnarounds, processes, routes } = scene;
  return {
    ...frameOf(
      new Scene(),
      { t, status: { loaded: false }, entries: [], total, owners, turnarounds, processes, routes },
      true,
    ),
    status,
    totals,
    entries: [...scene.entries].map(([cookie, entry]) => [cookie, agedFacts(entry, t)] as const),
  };
}

function frameOf(scene: Scene, seen: Seen, key: boolean): Frame {
  const { t, status, entries } = seen;
  const changes: [string, EntryChange][] = [];
  const there = new Set<string>();
  for (const entry of entries) {
    const { cookie } = entry;
    there.add(cookie);
    const before = scene.entries.get(cookie);
    const change = before === undefined ? factsOf(entry) : entryChange(before, entry, t);
    if (change !== null) changes.push([cookie, change]);
  }
  const facts = statusFacts(status);
  const total = seen.total && turnaroundChange(scene.total, seen.total);
  return {
    t,
    key,
    ...(isSame(facts, scene.status) ? {} : { status: facts }),
    ...(status.loaded && !isSame(status.totals, scene.totals) ? { totals: status.totals } : {}),
    ...(total ? { total } : {}),
    entries: changes,
    gone: [...scene.entries.keys()].filter((cookie) => !there.has(cookie)),
    owners: ownerChanges(scene.owners, seen.owners),
    turnarounds: turnaroundChanges(scene.turnarounds, seen.turnarounds),
    processes: [...(seen.processes ?? [])].filter(
      ([pid, process]) => !isSame(process, scene.processes.get(pid) ?? null),
    ),
    routes: [...(seen.routes ?? [])].filter(([key, route]) => !isSame(route, scene.routes.get(key) ?? null)),
    events: seen.events ?? [],
    lost: seen.lost ?? 0,
  };
}

function factsOf(entry: SeenEntry): EntryFacts {
  const { key, state, peer, redirects, redirectBytes, passes, queuedBytes, ageMs, verdict, verdictMs } = entry;
  return {
    key,
    state,
    peer,
    redirects,
    redirectBytes,
    passes,
    queuedBytes,
    ageMs,
    verdict: verdict ?? null,
    verdictMs: verdictMs ?? null,
  };
}

/** The key of a socket never changes. */
const PLAIN = ['state', 'peer', 'redirects', 'redirectBytes', 'queuedBytes'] as const;

/** Null when nothing changed: most entries do not, so nothing is made for them. */
function entryChange({ facts, saidAt }: SceneEntry, entry: SeenEntry, t: number): EntryChange | null {
  let change: Record<string, unknown> | null = null;
  const say = (field: keyof EntryFacts, value: unknown) => {
    change ??= {};
    change[field] = value;
  };
  for (const field of PLAIN) if (facts[field] !== entry[field]) say(field, entry[field]);
  const { passes, ageMs, verdict = null, verdictMs = null } = entry;
  if (facts.verdict !== verdict) say('verdict', verdict);
  if (!isAbout(facts.ageMs + t - saidAt, ageMs)) say('ageMs', ageMs);
  if (!isAbout(facts.verdictMs === null ? null : facts.verdictMs + t - saidAt, verdictMs)) say('verdictMs', verdictMs);
  const changed = PASS_REASONS.filter((reason) => facts.passes[reason] !== passes[reason]);
  if (changed.length > 0) say('passes', Object.fromEntries(changed.map((reason) => [reason, passes[reason]])));
  return change;
}

function isAbout(before: number | null, now: number | null): boolean {
  if (before === null || now === null) return before === now;
  return Math.abs(before - now) <= AGE_TOLERANCE_MS;
}

function statusFacts(status: Status): StatusFacts {
  if (!status.loaded) return { loaded: false };
  const { loaded, mode, bypass, pin, cgroups, map, keptOut } = status;
  return {
    loaded,
    mode,
    bypass,
    pin,
    cgroups,
    keptOut,
    map: { id: map.id, name: map.name, maxEntries: map.maxEntries },
  };
}

function ownerChanges(known: ReadonlyMap<string, OwnerDetail>, seen: Seen['owners']): Frame['owners'] {
  if (seen === undefined || seen === known) return [];
  const changed = [...seen].filter(([cookie, { pid, comm, cgroup }]) => {
    const before = known.get(cookie);
    return before?.pid !== pid || before.comm !== comm || before.cgroup !== cgroup;
  });
  const gone = [...known.keys()].filter((cookie) => !seen.has(cookie)).map((cookie) => [cookie, null] as const);
  return [...changed, ...gone];
}

function turnaroundChanges(known: ReadonlyMap<string, Turnaround>, seen: Seen['turnarounds']): Frame['turnarounds'] {
  const changes: [string, TurnaroundChange][] = [];
  for (const [cookie, now] of seen ?? []) {
    const change = turnaroundChange(known.get(cookie) ?? NO_TURNAROUND, now);
    if (change !== null) changes.push([cookie, change]);
  }
  return changes;
}

function turnaroundChange(before: Turnaround, now: Turnaround): TurnaroundChange | null {
  const redirected = histogramChange(before.redirected, now.redirected);
  const byTcp = histogramChange(before.byTcp, now.byTcp);
  if (redirected.length + byTcp.length === 0) return null;
  return { ...(redirected.length > 0 ? { redirected } : {}), ...(byTcp.length > 0 ? { byTcp } : {}) };
}

function histogramChange(before: Histogram, now: Histogram): HistogramChange {
  const changes: [number, number][] = [];
  for (let bucket = 0; bucket < Math.max(before.counts.length, now.counts.length); bucket++) {
    const count = now.counts[bucket] ?? 0;
    if (count !== (before.counts[bucket] ?? 0)) changes.push([bucket, count]);
  }
  return changes;
}

/** For the small things: what they are as JSON. */
function isSame(a: StatusFacts | Counters | ProcessFacts | Route, b: typeof a): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
