/** The lines of a recording, from text to what format.ts says they are. */
import {
  type Counters,
  KEPT_OUT_REASONS,
  type KeptOut,
  type OwnerDetail,
  PASS_REASONS,
  type Passes,
  type SpliceEvent,
} from '../core/index.ts';
import { EVENT_TYPES } from '../core/layout.ts';
import { DEVICES, type Route } from '../core/route.ts';
import {
  cookie,
  count,
  countUpTo,
  every,
  type Fields,
  Flaw,
  fields,
  flag,
  keptOutReason,
  key,
  leaveReason,
  list,
  mode,
  oneOf,
  orNull,
  pairs,
  passReason,
  some,
  text,
} from './checks.ts';
import {
  type EntryChange,
  type EntryFacts,
  FORMAT,
  type Frame,
  type Header,
  type HistogramChange,
  type LoadedFacts,
  MOST,
  type ProcessFacts,
  type StatusFacts,
  type TurnaroundChange,
  VERSION,
} from './format.ts';

const pid = countUpTo(0xffff_ffff);

const VERDICTS = ['redirect', ...PASS_REASONS] as const;

/**
 * The first line.
 * @throws Flaw
 */
export function parseHeader(line: string): Header {
  const found = foundHeader(line);
  const version = countUpTo(Number.MAX_SAFE_INTEGER)(found.version, 'version');
  if (version > VERSION) throw new Flaw(`it is of version ${version}, and this program reads ${VERSION}`, 'newer');
  return { format: FORMAT, version, ...every<Omit<Header, 'format' | 'version'>>(found, 'the header', HEADER) };
}

function foundHeader(line: string): Fields {
  try {
    const found = fields(parseJson(line), 'the header');
    if (found.format === FORMAT) return found;
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
  }
  throw new Flaw('it is not the header of a recording', 'foreign');
}

const HEADER = { created: text, kernel: text, pin: text, intervalMs: count };

/**
 * Any other line.
 * @throws Flaw
 */
export function parseFrame(line: string): Frame {
  const found = fields(parseJson(line), 'the frame');
  const optional = some<{ status: StatusFacts; totals: Counters; total: TurnaroundChange }>(found, 'the frame', {
    status,
    totals: (value, name) => every<Counters>(value, name, COUNTERS),
    total: turnaround,
  });
  return {
    t: count(found.t, 't'),
    key: found.key === true,
    ...optional,
    entries: pairs(found.entries, 'entries', MOST.entries, [cookie, entryChange]),
    gone: list(found.gone, 'gone', MOST.entries, cookie),
    owners: pairs(found.owners, 'owners', MOST.entries, [cookie, orNull(owner)]),
    turnarounds: pairs(found.turnarounds, 'turnarounds', MOST.entries, [cookie, turnaround]),
    processes: pairs(found.processes, 'processes', MOST.processes, [pid, orNull(processFacts)]),
    routes: pairs(found.routes, 'routes', MOST.entries, [key, orNull(devices)]),
    events: list(found.events, 'events', MOST.eventsInFrame, event),
    lost: found.lost === undefined ? 0 : count(found.lost, 'lost'),
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Flaw('it is not JSON');
  }
}

const PASSES = Object.fromEntries(PASS_REASONS.map((reason) => [reason, count])) as Record<keyof Passes, typeof count>;
const KEPT_OUT = Object.fromEntries(KEPT_OUT_REASONS.map((reason) => [reason, count])) as Record<
  keyof KeptOut,
  typeof count
>;
const COUNTERS = {
  redirects: count,
  redirectBytes: count,
  passes: (value: unknown, name: string) => every<Passes>(value, name, PASSES),
};

const ENTRY: { readonly [Name in keyof EntryFacts]: (value: unknown, name: string) => EntryFacts[Name] } = {
  key,
  state: text,
  peer: flag,
  ...COUNTERS,
  queuedBytes: count,
  ageMs: count,
  verdict: orNull(oneOf(VERDICTS)),
  verdictMs: orNull(count),
};

function entryChange(value: unknown): EntryChange {
  return some<EntryChange & object>(value, 'an entry', {
    ...ENTRY,
    passes: (passes: unknown, name: string) => some<Passes>(passes, name, PASSES),
  } as never);
}

function status(value: unknown, name: string): StatusFacts {
  if (fields(value, name).loaded !== true) return { loaded: false };
  const newer = some<{ keptOut: KeptOut }>(value, name, {
    keptOut: (counts, of) => every<KeptOut>(counts, of, KEPT_OUT),
  });
  const facts = every<Omit<LoadedFacts, 'loaded' | 'keptOut'>>(value, name, {
    mode,
    bypass: flag,
    pin: text,
    cgroups: (cgroups, of) => list(cgroups, of, MOST.cgroups, text),
    map: (map, of) => every<LoadedFacts['map']>(map, of, { id: count, name: text, maxEntries: count }),
  });
  return { loaded: true, ...facts, ...newer };
}

function owner(value: unknown): OwnerDetail {
  const { cgroup = null } = some<{ cgroup: string | null }>(value, 'an owner', { cgroup: orNull(text) });
  return { ...every<Pick<OwnerDetail, 'pid' | 'comm'>>(value, 'an owner', { pid, comm: text }), cgroup };
}

function processFacts(value: unknown): ProcessFacts {
  return every<ProcessFacts>(value, 'a process', { cmdline: text, cgroup: text });
}

function devices(value: unknown, name: string): Route {
  return list(value, name, MOST.devices, oneOf(DEVICES));
}

function histogram(value: unknown, name: string): HistogramChange {
  return pairs(value, name, MOST.buckets, [countUpTo(MOST.buckets - 1), count]);
}

function turnaround(value: unknown): TurnaroundChange {
  return some<Required<TurnaroundChange>>(value, 'a turnaround', { redirected: histogram, byTcp: histogram });
}

function event(value: unknown): SpliceEvent {
  const newer = { leaveReason: orNull(leaveReason), keptOutReason: orNull(keptOutReason) };
  // Recordings from before they were told have none.
  const { leaveReason: left = null, keptOutReason: keptOut = null } = some<
    Pick<SpliceEvent, 'leaveReason' | 'keptOutReason'>
  >(value, 'an event', newer);
  const told = every<Omit<SpliceEvent, 'leaveReason' | 'keptOutReason'>>(value, 'an event', {
    type: oneOf(EVENT_TYPES),
    atMs: count,
    key,
    cookie,
    reason: orNull(passReason),
    bytes: orNull(count),
    turnaroundUs: orNull(count),
  });
  return { ...told, leaveReason: left, keptOutReason: keptOut };
}
