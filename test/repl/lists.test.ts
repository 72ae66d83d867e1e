/** Lists of entries: narrowed down, sorted, summed, grouped, and printed as tables. */
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/core/index.ts';
import { Printer } from '../../src/repl/printer.ts';
import { EntryList } from '../../src/repl/values/entry-list.ts';
import { Groups } from '../../src/repl/values/groups.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';

const made = (sport: number, redirects: number, comm: string | null): Entry =>
  anEntry({
    sport,
    redirects,
    redirectBytes: 10 * redirects,
    cookie: String(sport),
    passes: { ...NO_PASSES, order: sport % 3 },
    process: comm === null ? null : { pid: 7, comm },
  }) as Entry;

const list = EntryList.from([
  made(5001, 5, 'nginx'),
  made(5002, 100, 'redis-server'),
  made(5003, 20, 'redis-server'),
  made(5004, 7, null),
]) as EntryList;
const ports = (entries: readonly Entry[]) => entries.map(({ sport }) => sport);

function print(value: unknown, width?: number, height?: number): string {
  const sizes = { width: () => width, height: () => height };
  return new Printer({ json: false, terminal: true, colors: false, commands: [], ...sizes }).format(value) ?? '';
}

describe('a list', () => {
  test('is narrowed down by filters and functions, and stays a list', () => {
    expect(ports(list.where('comm~redis and redirects<50'))).toEqual([5003]);
    expect(ports(list.where(({ sport }) => sport > 5002))).toEqual([5003, 5004]);
    for (const some of [
      list.where('redis'),
      list.filter(() => true),
      list.slice(1),
      list.toReversed(),
      list.toSorted(),
    ]) {
      expect(some).toBeInstanceOf(EntryList);
    }
    expect(() => list.where('prot=1')).toThrow(expect.objectContaining({ code: 'BAD_FILTER' }));
  });

  test('is sorted: numbers from the largest on, text from A on, what is unknown last', () => {
    expect(ports(list.sortBy('redirects'))).toEqual([5002, 5003, 5004, 5001]);
    expect(ports(list.sortBy('redirects', 'ascending'))).toEqual([5001, 5004, 5003, 5002]);
    expect(ports(list.sortBy('comm'))).toEqual([5001, 5002, 5003, 5004]);
    expect(ports(list.sortBy('comm', 'descending'))).toEqual([5002, 5003, 5001, 5004]);
    expect(ports(list.sortBy(({ sport }) => -sport))).toEqual([5001, 5002, 5003, 5004]);
    expect(ports(list)).toEqual([5001, 5002, 5003, 5004]);
  });

  test('gives the first ones, and sums', () => {
    expect(ports(list.sortBy('redirects').top(2))).toEqual([5002, 5003]);
    expect(ports(list.top(2, 'redirects'))).toEqual([5002, 5003]);
    expect(list.top()).toHaveLength(4);
    expect(list.sum('redirectBytes')).toBe(1320);
    expect(list.sum(({ sport }) => sport - 5000)).toBe(10);
    expect(new EntryList().sum('passes')).toBe(0);
  });

  test('does everything that arrays do; what is made of entries is a plain array', () => {
    expect(list.map(({ sport }) => sport)).toStrictEqual([5001, 5002, 5003, 5004]);
    expect(list.flatMap(({ sport }) => [sport, 0]).length).toBe(8);
    expect(list.find(({ redirects }) => redirects === 20)?.sport).toBe(5003);
    expect(list.reduce((sum, { redirects }) => sum + redirects, 0)).toBe(132);
    expect([...list.entries()][0]?.[1]).toBe(list[0]);
    expect(JSON.parse(JSON.stringify(list.top(1)))).toHaveLength(1);
  });

  test.each([
    [() => list.sortBy('redirect'), /no field 'redirect'/, /'redirects', if that was meant/],
    [() => list.sortBy('redirects', 'up' as never), /'up' is no direction/, /ascending/],
    [() => list.sum('comm'), /no field 'comm'/, /redirectBytes/],
    [() => list.sum('state' as never), /no field/, /./],
    [() => list.groupBy(5 as never), /no field 5/, /a function of an entry/],
    [() => list.top(-1), /-1 is no number/, /top\(5\)/],
    [() => list.groupBy('comm').sortBy('redirect' as never), /no field 'redirect'/, /redirects/],
  ])('says what is wrong: %s', (act, message, remedy) => {
    expect(act).toThrow(expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringMatching(message) }));
    expect(act).toThrow(expect.objectContaining({ remedy: expect.stringMatching(remedy) }));
  });
});

describe('groups', () => {
  test('have sums, the largest group first', () => {
    const groups = list.groupBy('process');
    expect(groups).toBeInstanceOf(Groups);
    expect(groups.map(({ name, size, redirects }) => [name, size, redirects])).toEqual([
      ['7 redis-server', 2, 120],
      ['7 nginx', 1, 5],
      ['unknown', 1, 7],
    ]);
    expect(groups[0]?.entries.map(({ sport }) => sport)).toEqual([5002, 5003]);
    expect(
      groups
        .sortBy('redirects')
        .top(1)
        .map(({ name }) => name),
    ).toEqual(['7 redis-server']);
    expect(groups.sortBy('name')[0]?.name).toBe('7 nginx');
    expect(JSON.parse(JSON.stringify(groups))[0]).toEqual({
      ...{ name: '7 redis-server', size: 2, redirects: 120, redirectBytes: 1200, passes: 3, queuedBytes: 0 },
    });
    expect(list.groupBy('sport' as never)).toHaveLength(4);
    expect(list.groupBy(({ peer }) => peer)[0]?.name).toBe('true');
  });

  test('print as a table that fits', () => {
    expect(print(list.groupBy('process'))).toBe(
      [
        'GROUP           ENTRIES  REDIRECTS    BYTES  PASSES  QUEUED',
        '7 redis-server        2        120  1.2 KiB       3     0 B',
        '7 nginx               1          5     50 B       0     0 B',
        'unknown               1          7     70 B       0     0 B',
      ].join('\n'),
    );
    for (const width of [80, 40, 20, 5]) {
      const lines = print(list.groupBy('process'), width).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 11));
      expect(lines).toHaveLength(4);
    }
    expect(print(new Groups())).toBe('no groups');
  });
});

test('a table is no higher than the terminal, and says how many entries there are', () => {
  const many = EntryList.from(Array.from({ length: 100 }, (_, index) => made(index + 1, index, 'x'))) as EntryList;
  const lines = print(many, 80, 24).split('\n');
  expect(lines).toHaveLength(22);
  expect(lines.at(-1)).toMatch(/^100 in all; /);
  expect(print(many, 200).split('\n')).toHaveLength(101);
  expect(print(new EntryList())).toBe('no entries');
});
