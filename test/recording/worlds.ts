/** Made-up runs of a splice, for property tests: what a live view could see, look after look. */
import fc from 'fast-check';
import {
  type EntryJson,
  type Histogram,
  PASS_REASONS,
  type Passes,
  SockKey,
  type SpliceEvent,
  type Status,
  type Turnaround,
} from '../../src/core/index.ts';
import { EVENT_TYPES, KEPT_OUT_REASONS, type KeptOut, LEAVE_REASONS, NONE_KEPT_OUT } from '../../src/core/layout.ts';
import type { RecordedLook } from '../../src/recording/recorder.ts';

const counter = fc.oneof(fc.nat(5), fc.nat(Number.MAX_SAFE_INTEGER));
const passes: fc.Arbitrary<Passes> = fc.record({
  noPeer: counter,
  order: counter,
  backlog: counter,
  pair: counter,
  bypass: counter,
});
/** Few cookies, so that the same socket is seen again. */
const cookie = fc.integer({ min: 1, max: 6 }).map(String);

function keyOf(of: string): SockKey {
  const isIpv6 = Number(of) % 2 === 0;
  const [sip, dip] = isIpv6 ? ['fd00::1', `fd00::${of}`] : ['10.0.0.1', `10.0.0.${of}`];
  return SockKey.from({ sip, dip, sport: 5000, dport: 80 });
}

const entry = fc
  .record({
    cookie,
    state: fc.constantFrom('ESTABLISHED', 'CLOSE_WAIT'),
    peer: fc.boolean(),
    redirects: counter,
    redirectBytes: counter,
    passes,
    queuedBytes: counter,
    ageMs: fc.nat(1e9),
    verdict: fc.constantFrom(null, 'redirect' as const, ...PASS_REASONS),
    verdictMs: fc.option(fc.nat(1e9)),
  })
  .map((facts): EntryJson & typeof facts => {
    const { sip, dip, sport, dport, hex } = keyOf(facts.cookie);
    return { key: keyOf(facts.cookie).toString(), sip, dip, sport, dport, keyHex: hex, process: null, ...facts };
  });

const histogram: fc.Arbitrary<Histogram> = fc.record({ counts: fc.array(counter, { maxLength: 4 }) });
const turnaround: fc.Arbitrary<Turnaround> = fc.record({ redirected: histogram, byTcp: histogram });

const event: fc.Arbitrary<SpliceEvent> = fc.record({
  type: fc.constantFrom(...EVENT_TYPES),
  atMs: fc.nat(2e12),
  key: cookie.map((of) => keyOf(of).toString()),
  cookie,
  reason: fc.constantFrom(null, ...PASS_REASONS),
  leaveReason: fc.constantFrom(null, ...LEAVE_REASONS),
  keptOutReason: fc.constantFrom(null, ...KEPT_OUT_REASONS),
  bytes: fc.option(counter),
  turnaroundUs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
});

const loaded = fc.record({
  mode: fc.constantFrom('guarded' as const, 'naive' as const),
  bypass: fc.boolean(),
  cgroups: fc.subarray(['/sys/fs/cgroup/a', '/sys/fs/cgroup/b']),
  id: fc.nat(9),
  totals: fc.record({ redirects: counter, redirectBytes: counter, passes }),
  keptOut: fc.tuple(counter, counter).map(([policy, full]): KeptOut => ({ ...NONE_KEPT_OUT, policy, full })),
});

function statusOf(facts: typeof loaded extends fc.Arbitrary<infer T> ? T : never, entries: number): Status {
  const { mode, bypass, cgroups, id, totals, keptOut } = facts;
  const map = { id, name: 'INTERCEPT_MAP', entries, maxEntries: 65536 };
  return { loaded: true, mode, bypass, pin: '/sys/fs/bpf/splice', cgroups, map, totals, keptOut };
}

/** One look, without its time. */
const look = fc
  .record({
    isLoaded: fc.integer({ min: 0, max: 5 }).map((one) => one > 0),
    facts: loaded,
    entries: fc.uniqueArray(entry, { selector: (one) => one.cookie }),
    owners: fc.dictionary(
      cookie,
      fc.record({ pid: fc.nat(4e6), comm: fc.string({ maxLength: 15 }), cgroup: fc.option(fc.string()) }),
    ),
    turnarounds: fc.dictionary(cookie, turnaround),
    total: turnaround,
    events: fc.array(event, { maxLength: 3 }),
    lost: fc.nat(3),
  })
  .map(
    ({ isLoaded, facts, entries, owners, turnarounds, ...rest }): Omit<RecordedLook, 'atMs'> => ({
      status: isLoaded ? statusOf(facts, entries.length) : { loaded: false },
      entries: isLoaded ? entries : [],
      owners: new Map(Object.entries(owners)),
      turnarounds: new Map(Object.entries(turnarounds)),
      ...rest,
    }),
  );

/** A run: looks at times that do not go back. */
export const run: fc.Arbitrary<RecordedLook[]> = fc
  .array(fc.tuple(fc.integer({ min: 100_000, max: 900_000 }), look), { minLength: 1, maxLength: 8 })
  .map((steps) => {
    let atMs = 5000;
    return steps.map(([after, seen]) => {
      atMs += after;
      return { atMs, ...seen };
    });
  });
