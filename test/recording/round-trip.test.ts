import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpliceEvent, Turnaround } from '../../src/core/index.ts';
import { NONE_KEPT_OUT } from '../../src/core/layout.ts';
import type { SeenEntry } from '../../src/recording/difference.ts';
import { MOST } from '../../src/recording/format.ts';
import type { RecordedLook } from '../../src/recording/recorder.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { Replay } from '../../src/recording/replay.ts';
import { anEntry } from '../view/fixtures.ts';
import { ASKED, linesOf, RecordingFiles } from './files.ts';
import { run } from './worlds.ts';

const LOADED: RecordedLook['status'] = {
  loaded: true,
  mode: 'guarded',
  bypass: false,
  pin: '/sys/fs/bpf/splice',
  cgroups: ['/sys/fs/cgroup/a'],
  map: { id: 7, name: 'INTERCEPT_MAP', entries: 1, maxEntries: 65536 },
  totals: { redirects: 23, redirectBytes: 1472, passes: { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 } },
  keptOut: { ...NONE_KEPT_OUT, policy: 3 },
};

/** `count` looks, a second apart, at an entry that redirects. */
function busyLooks(count: number): RecordedLook[] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: 1000 * index,
    status: LOADED,
    entries: [anEntry({ redirects: index, ageMs: 1000 * index })],
  }));
}

/** Ages go on by themselves, and are right to within 50 ms. */
function withoutAges<T extends { ageMs: number; verdictMs?: unknown }>({ ageMs: _, verdictMs: __, ...rest }: T) {
  return rest;
}

/** Buckets behind the last that has something are not recorded. */
function trimmed({ redirected, byTcp }: Turnaround): number[][] {
  return [redirected, byTcp].map(({ counts }) => counts.slice(0, counts.findLastIndex((count) => count > 0) + 1));
}

function expectSame(replay: Replay, seen: RecordedLook): void {
  const look = replay.snapshot();
  expect(look.status).toEqual(seen.status);
  const entries = [...look.entries].sort((a, b) => Number(a.cookie) - Number(b.cookie));
  const wanted = [...seen.entries].sort((a, b) => Number(a.cookie) - Number(b.cookie));
  expect(entries.map(withoutAges)).toEqual(wanted.map(withoutAges));
  for (const [index, { ageMs, verdictMs }] of wanted.entries()) {
    expect(Math.abs((entries[index]?.ageMs ?? 0) - ageMs)).toBeLessThanOrEqual(50);
    expect(Math.abs((entries[index]?.verdictMs ?? 0) - (verdictMs ?? 0))).toBeLessThanOrEqual(50);
  }
  expect(replay.owners()).toEqual(seen.owners);
  expect(trimmed(replay.turnaround())).toEqual(trimmed(seen.total as Turnaround));
}

describe('what is recorded', () => {
  test('is played again as it was seen, in whatever order one looks at it', () => {
    using files = new RecordingFiles();
    fc.assert(
      fc.property(run, fc.infiniteStream(fc.nat()), (looks, choices) => {
        using replay = new Replay(files.record(looks));
        const began = looks[0]?.atMs ?? 0;
        for (const choice of choices.take(2 * looks.length)) {
          const seen = looks[choice % looks.length] as RecordedLook;
          replay.playback.seek(seen.atMs - began);
          expectSame(replay, seen);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('has turnarounds of the entries, and the processes behind them', () => {
    using files = new RecordingFiles();
    const redirected = { counts: [0, 3, 7, 0] };
    const owners = new Map([['4123', { pid: 812, comm: 'redis-server', cgroup: '/a' }]]);
    const turnarounds = new Map([['4123', { redirected, byTcp: { counts: [0, 0, 0, 0] } }]]);
    const looks = [{ atMs: 0, status: LOADED, entries: [anEntry()], owners, turnarounds }];
    using replay = new Replay(files.record(looks));
    expect(replay.turnarounds(['10.0.0.1:5000->10.0.0.2:80', '10.0.0.2:80->10.0.0.1:5000'])).toEqual(
      new Map([['4123', { redirected: { counts: [0, 3, 7] }, byTcp: { counts: [] } }]]),
    );
    expect(replay.processDetail(812)).toEqual({ cmdline: 'program 812', cgroup: '/cgroup/812' });
    expect(replay.processDetail(813)).toBeNull();
  });

  test('has the routes between ends whose processes are known', async () => {
    using files = new RecordingFiles();
    const path = files.newPath();
    using recorder = new Recorder(path, ASKED, { intervalMs: 250 });
    const back = anEntry({ cookie: '4124', sip: '10.0.0.2', sport: 80, dip: '10.0.0.1', dport: 5000 });
    const lone = anEntry({ cookie: '4125', sport: 6000 });
    const owners = new Map(['4123', '4124', '4125'].map((cookie, index) => [cookie, { pid: index, comm: 'x' }]));
    for (let atMs = 0; atMs < 5000; atMs += 1000) {
      recorder.record({ atMs, status: LOADED, entries: [anEntry(), back, lone], owners });
      await Promise.resolve();
      await Promise.resolve();
    }
    using replay = new Replay(path);
    replay.playback.seek(replay.playback.durationMs);
    expect(await replay.findRoute('10.0.0.1:5000->10.0.0.2:80')).toEqual(['veth', 'bridge', 'veth']);
    expect(await replay.findRoute('10.0.0.2:80->10.0.0.1:5000')).toEqual(['veth', 'bridge', 'veth']);
    expect(await replay.findRoute('10.0.0.1:6000->10.0.0.2:80')).toBeNull();
  });

  test('is small where little changes, and has a keyframe now and then', () => {
    using files = new RecordingFiles();
    const path = files.record(busyLooks(3000));
    const lines = linesOf(path);
    expect(lines[2]).toBe('{"t":1000,"entries":[["4123",{"redirects":1}]]}');
    const keyframes = lines.filter((line) => line.includes('"key":true'));
    expect(keyframes.length).toBeGreaterThan(1);
    expect(keyframes.length).toBeLessThan(10);
  });
});

describe('the file of a recording', () => {
  test('is for its owner alone, and says what it is', () => {
    using files = new RecordingFiles();
    const path = files.record(busyLooks(1));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(linesOf(path)[0] ?? '')).toMatchObject({
      format: 'splice-recording',
      version: 1,
      intervalMs: 250,
    });
  });

  test('is never another file, and not behind a link', () => {
    using files = new RecordingFiles();
    const [there, link] = [files.newPath(), files.newPath()];
    writeFileSync(there, 'precious');
    symlinkSync(files.newPath(), link);
    for (const path of [there, link]) {
      expect(() => new Recorder(path, ASKED, { intervalMs: 250 })).toThrow(
        expect.objectContaining({ code: 'FILE_NOT_WRITTEN', message: expect.stringContaining('is there already') }),
      );
    }
    expect(linesOf(there)).toEqual(['precious']);
  });
});

describe('a long recording', () => {
  const ports = (begin: number, count: number) =>
    Array.from({ length: count }, (_, index) => anEntry({ cookie: `${begin + index}`, sport: begin + index }));

  test('has no more events in a frame than a reader takes: the oldest are lost', () => {
    using files = new RecordingFiles();
    const event: SpliceEvent = {
      ...{ type: 'opened', atMs: 0, key: '10.0.0.1:5000->10.0.0.2:80', cookie: '4123' },
      ...{ reason: null, leaveReason: null, keptOutReason: null, bytes: null, turnaroundUs: null },
    };
    const events = Array.from({ length: MOST.eventsInFrame + 9 }, (_, atMs) => ({ ...event, atMs }));
    using replay = new Replay(files.record([{ atMs: 0, status: LOADED, entries: [], events, lost: 3 }]));
    const read = replay.events().read();
    expect(read.lost).toBe(12);
    expect(read.events.length).toBe(MOST.eventsInFrame);
    expect(read.events[0]?.atMs).toBe(9);
  });

  test('forgets the routes and processes of connections that are gone, and asks anew when they come back', async () => {
    using files = new RecordingFiles();
    const path = files.newPath();
    let program = 'before';
    const asked = { ...ASKED, processDetail: (pid: number) => ({ cmdline: `${program} ${pid}`, cgroup: '/' }) };
    using recorder = new Recorder(path, asked, { intervalMs: 250 });
    const back = anEntry({ cookie: '4124', sip: '10.0.0.2', sport: 80, dip: '10.0.0.1', dport: 5000 });
    const pair = [anEntry(), back];
    const owners = new Map(pair.map(({ cookie }) => [cookie, { pid: 7, comm: 'x' }]));
    const look = async (atMs: number, entries: typeof pair, of = owners) => {
      recorder.record({ atMs, status: LOADED, entries, owners: of });
      await setImmediate();
    };
    for (const atMs of [0, 1e5, 2e5]) await look(atMs, pair);
    await look(3e5, [], new Map());
    program = 'after';
    for (const atMs of [4e5, 5e5, 6e5]) await look(atMs, pair);
    program = 'another';
    await look(7e5, pair, new Map(pair.map(({ cookie }) => [cookie, { pid: 7, comm: 'y' }])));

    using replay = new Replay(path);
    const at = async (position: number) => {
      replay.playback.seek(position);
      return [await replay.findRoute(back.key), replay.processDetail(7)?.cmdline];
    };
    expect(await at(2e5)).toEqual([['loopback'], 'before 7']);
    expect(await at(3e5)).toEqual([null, undefined]);
    expect(await at(6e5)).toEqual([['loopback'], 'after 7']);
    expect(await at(7e5)).toEqual([['loopback'], 'another 7']);
  });

  test('ends, and says why, when there is more than a recording can have', () => {
    using files = new RecordingFiles();
    const path = files.newPath();
    using recorder = new Recorder(path, ASKED, { intervalMs: 250 });
    recorder.record({ atMs: 0, status: LOADED, entries: ports(1, 2) });
    const [one] = ports(1, 1);
    const many = Array.from(
      { length: MOST.entries + 1 },
      (_, cookie) => ({ ...one, cookie: `${cookie}` }) as SeenEntry,
    );
    recorder.record({ atMs: 1e5, status: LOADED, entries: many });
    expect(recorder.state.problem).toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      message: expect.stringContaining(`more than ${MOST.entries} entries`),
    });
    using replay = new Replay(path);
    expect(replay.snapshot().entries.length).toBe(2);
  });
});

test('events come in the order they were told; a new reader begins at the beginning', () => {
  using files = new RecordingFiles();
  const event = (atMs: number): SpliceEvent => ({
    type: 'fellBack',
    atMs,
    key: '10.0.0.1:5000->10.0.0.2:80',
    cookie: '4123',
    reason: 'order',
    leaveReason: null,
    keptOutReason: null,
    bytes: null,
    turnaroundUs: null,
  });
  const looks = busyLooks(4).map((look, index) => ({ ...look, events: [event(index)], lost: index }));
  using replay = new Replay(files.record(looks));
  const reader = replay.events();
  const read = (from = reader) => {
    const { events, lost } = from.read();
    return [events.map(({ atMs }) => atMs), lost];
  };
  expect(read()).toEqual([[0], 0]);
  replay.playback.seek(2000);
  expect(read()).toEqual([[1, 2], 3]);
  expect(read()).toEqual([[], 0]);
  replay.playback.seek(1000);
  expect(read(replay.events())).toEqual([[0, 1], 1]);
});
