import { describe, expect, test } from 'vitest';
import type { EntryJson } from '../../../src/core/index.ts';
import { parseFilter } from '../../../src/filter/index.ts';
import { type Arrangement, AS_OPENED } from '../../../src/tui/rows/arrange.ts';
import { NOTHING_KNOWN } from '../../../src/tui/rows/knowledge.ts';
import { Rows } from '../../../src/tui/rows/rows.ts';
import { Sample } from '../../../src/tui/rows/sample.ts';
import type { ColumnName } from '../../../src/view/columns.ts';
import { anEntry, NO_PASSES } from '../../view/fixtures.ts';

/** Both ends of a connection; the cookies are `first` and the number after it. */
function connection(first: number, port: number, told: Partial<EntryJson> = {}): [EntryJson, EntryJson] {
  const [own, peer] = [
    { sip: '10.0.0.1', sport: port },
    { sip: '10.0.0.2', sport: 80 },
  ];
  return [
    anEntry({ cookie: String(first), ...own, dip: peer.sip, dport: peer.sport, ...told }),
    anEntry({ cookie: String(first + 1), ...peer, dip: own.sip, dport: own.sport, redirects: 0 }),
  ];
}

function rowsOf(entries: readonly EntryJson[], arrangement: Partial<Arrangement> = {}): Rows {
  const sample = new Sample({ atMs: 1000, entries });
  return new Rows({ ...NOTHING_KNOWN, sample }, { ...AS_OPENED, ...arrangement });
}

function cookies(rows: Rows): number[] {
  return rows.slice(0, rows.length).map(({ identity }) => Number(identity.cookie));
}

const by = (column: ColumnName, descending = false) => ({ sort: { column, descending } });

test('are in the order of the cookies by themselves', () => {
  expect(cookies(rowsOf([anEntry({ cookie: '12' }), anEntry({ cookie: '9' }), anEntry({ cookie: '100' })]))).toEqual([
    9, 12, 100,
  ]);
});

describe('sorted', () => {
  const entries = [
    anEntry({ cookie: '1', sip: '10.0.0.10', redirects: 5, state: 'LAST_ACK', process: { pid: 9, comm: 'b' } }),
    anEntry({ cookie: '2', sip: '10.0.0.9', redirects: 50, passes: { ...NO_PASSES, pair: 1 }, process: null }),
    anEntry({ cookie: '3', sip: '::1', dip: '::1', redirects: 5, ageMs: 9, process: { pid: 8, comm: 'a' } }),
  ];

  test.each<[ColumnName, number[]]>([
    ['own', [2, 1, 3]],
    ['peer', [1, 2, 3]],
    ['state', [2, 3, 1]],
    ['process', [3, 1, 2]],
    ['redirects', [1, 3, 2]],
    ['passes', [1, 3, 2]],
    ['reason', [2, 1, 3]],
    ['age', [3, 1, 2]],
  ])('by %s', (column, expected) => {
    expect(cookies(rowsOf(entries, by(column)))).toEqual(expected);
  });

  test('the other way round, those without a value are last all the same', () => {
    expect(cookies(rowsOf(entries, by('process', true)))).toEqual([1, 3, 2]);
    expect(cookies(rowsOf(entries, by('redirects', true)))).toEqual([2, 1, 3]);
  });
});

test('filtered, are those that fit; the filter sees owners too', () => {
  const entries = [anEntry({ cookie: '1', process: null }), anEntry({ cookie: '2', sport: 6379, process: null })];
  expect(cookies(rowsOf(entries, { filter: parseFilter('port=6379') }))).toEqual([2]);
  const known = {
    ...NOTHING_KNOWN,
    sample: new Sample({ atMs: 0, entries }),
    owners: new Map([['1', { pid: 5, comm: 'curl' }]]),
  };
  expect(cookies(new Rows(known, { ...AS_OPENED, filter: parseFilter('comm~url') }))).toEqual([1]);
});

describe('folded', () => {
  const [a, b] = connection(11, 5000);
  const [c, d] = connection(21, 6000, { redirects: 3 });
  const alone = anEntry({ cookie: '1', sport: 7000, peer: false });

  test('are one row a connection: the end with the lower cookie, and what came back', () => {
    const rows = rowsOf([b, d, alone, a, c], { pairs: true });
    expect(cookies(rows)).toEqual([1, 11, 21]);
    expect(rows.at(1)).toMatchObject({ entry: { sport: 5000 }, back: { entry: { sport: 80 } } });
    expect(rows.at(0)?.back).toBeNull();
  });

  test('are sorted by either direction, and by the sum of what counts together', () => {
    const far = { ...d, redirects: 99, passes: { ...NO_PASSES, order: 7 } };
    const rows = (column: ColumnName) => cookies(rowsOf([a, b, c, far], { pairs: true, ...by(column, true) }));
    expect(rows('redirects')).toEqual([11, 21]);
    expect(rows('redirectsBack')).toEqual([21, 11]);
    expect(rows('passes')).toEqual([21, 11]);
  });

  test('stay when one of both ends fits the filter', () => {
    expect(cookies(rowsOf([a, b, c, d], { pairs: true, filter: parseFilter('sport=80 and dport=6000') }))).toEqual([
      21,
    ]);
  });

  test('have the entries of both ends', () => {
    const rows = rowsOf([b, a, alone], { pairs: true });
    expect(rows.entries().map(({ cookie }) => cookie)).toEqual(['1', '11', '12']);
  });

  test('are found by either end', () => {
    const rows = rowsOf([a, b, c, d], { pairs: true });
    expect(rows.indexOf(d)).toBe(1);
    expect(rows.indexOf({ cookie: '22', key: 'another' })).toBe(-1);
  });
});

describe('marks', () => {
  const before = new Sample({ atMs: 0, entries: [anEntry({ ageMs: 60_000 })] });
  const markOf = (told: Partial<EntryJson>) => {
    const sample = new Sample({ atMs: 250, entries: [anEntry({ ageMs: 60_250, ...told })] });
    return new Rows({ ...NOTHING_KNOWN, sample, before: before.counts }, AS_OPENED).at(0)?.mark;
  };

  test('tell what is new, and what sent something since the last look', () => {
    expect(markOf({})).toBeNull();
    expect(markOf({ redirects: 24 })).toBe('changed');
    expect(markOf({ passes: { ...NO_PASSES, order: 1 } })).toBe('changed');
    expect(markOf({ ageMs: 400 })).toBe('new');
  });
});
