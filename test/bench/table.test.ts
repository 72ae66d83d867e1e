import { expect, test } from 'vitest';
import { compact } from '../../src/bench/numbers.ts';
import { pageOf } from '../../src/bench/page/page.ts';
import { progressLine } from '../../src/bench/progress.ts';
import { summarizeRow } from '../../src/bench/result.ts';
import { bar, tableOf } from '../../src/bench/table.ts';
import { displayWidth } from '../../src/view/width.ts';
import { measured, resultOf, rowNamed } from './fixtures.ts';

test('a row has its figures, their spread, the ratio with its interval, and a bar', () => {
  const lines = tableOf(resultOf(), 110).split('\n');
  const at = lines.indexOf('ping-pong, 64 B, veth + bridge, one CPU: sockperf');
  expect(lines.slice(at + 1, at + 4)).toMatchInlineSnapshot(`
    [
      "  p50, µs            TCP           20.0 (19.2–22.0)                    ████████",
      "                     naive         10.0 (9.60–11.0)   0.50 (0.50–0.50) ████████████████",
      "                     guarded       10.5 (10.1–11.6)   0.53 (0.53–0.53) ███████████████▎",
    ]
  `);
  expect(lines[at + 10]).toMatch(/^ {2}p50, guarded to naive 1\.05 \(\d\.\d\d to \d\.\d\d\)$/);
});

test('of too few rounds no verdict is printed, and the range is called the least to the most', () => {
  const wide = tableOf(resultOf(undefined, 3), 110);
  expect(wide).toMatch(/^medians of 3 rounds .*; ratio to TCP, round by round, least to most \(fewer than 5 rounds/);
  expect(wide).not.toContain('95 %');
  expect(wide).toMatch(/guarded +10\.5 .* too few rounds to tell$/m);
  expect(wide).toMatch(/p50, guarded to naive 1\.05 \(\d\.\d\d to \d\.\d\d, least to most\)$/m);
  const narrow = tableOf(resultOf(undefined, 1), 80);
  expect(narrow).toMatch(/^medians of 1 round .*; \? too few rounds to tell$/m);
  expect(narrow).toMatch(/guarded +\d.* \?$/m);
});

test('rows that were cut are told apart from those that were not', () => {
  const [whole, cut] = [resultOf(), resultOf(undefined, 4)];
  const text = tableOf({ ...whole, rows: [...whole.rows.slice(0, 1), ...cut.rows.slice(1)] }, 110);
  expect(text).toMatch(/^medians .* with its 95 % confidence interval, or least to most \(fewer than 5 rounds/);
  expect(text).toContain('(4 rounds: time was up)');
});

test('the page says the same', () => {
  const [few, enough] = [pageOf(resultOf(undefined, 3)), pageOf(resultOf())];
  expect(few).toContain('p50: too few rounds to tell</b>');
  expect(few).toMatch(
    /class="ratio too"><b>\d\.\d\d<\/b> \(\d\.\d\d to \d\.\d\d, least to most\) too few rounds to tell</,
  );
  expect(few).toContain('<h4>veth + bridge, one CPU: too few rounds to tell</h4>');
  expect(enough).not.toContain('too few rounds to tell</h4>');
  expect(few).not.toMatch(/class="ratio (better|worse)"/);
  expect(enough).toMatch(/class="ratio better"/);
  expect(enough).not.toContain(', least to most');
});

test('no line is wider than the terminal, except sentences', () => {
  for (const width of [80, 100, 200]) {
    const rows = tableOf(resultOf(), width).split('\n');
    const figures = rows.filter((line) => / {2}(TCP|naive|guarded|Unix socket) .*\(/.test(line));
    expect(figures.length).toBeGreaterThan(10);
    for (const line of figures) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(figures.some((line) => /[█-▏▶]$/u.test(line))).toBe(true);
  }
});

test('what was not measured is named, with its reason', () => {
  const row = rowNamed('stream@veth/2cpu');
  const failed = { ...measured(row, 'naive'), rounds: [], failure: 'the iperf3 failed: exit 1' };
  const text = tableOf({
    ...resultOf([]),
    rows: [summarizeRow(row, [measured(row, 'tcp'), failed])],
    skipped: [{ id: 'nginx@veth/1cpu', reason: 'wrk is not installed: apt-get install wrk' }],
    errors: ['stream@veth/2cpu, guarded: no message was redirected'],
  });
  expect(text).toContain('  naive: no figures: the iperf3 failed: exit 1');
  expect(text).toContain('skipped nginx@veth/1cpu: wrk is not installed: apt-get install wrk');
  expect(text).toContain('error: stream@veth/2cpu, guarded: no message was redirected');
});

test('messages that a splice passed to TCP are told, with the reasons', () => {
  const row = rowNamed('stream@veth/2cpu');
  const guarded = measured(row, 'guarded');
  const passes = { noPeer: 0, order: 9000, backlog: 1000, pair: 0, bypass: 0 };
  const counted = { redirects: 10_000, redirectBytes: 1, passes };
  const text = tableOf({ ...resultOf([]), rows: [summarizeRow(row, [measured(row, 'tcp'), { ...guarded, counted }])] });
  expect(text).toContain('guarded: 50 % of the messages passed to TCP (order 9000, backlog 1000)');
});

test('bars grow with the ratio, in eighths, and one that does not fit ends in an arrow', () => {
  expect(bar(1, 32)).toBe('████████');
  expect(bar(0.53, 32)).toBe('████▎');
  expect(bar(1, 14)).toBe('███▌');
  expect(bar(9, 20)).toBe(`${'█'.repeat(19)}▶`);
});

test.each([
  [8.624, '8.62'],
  [12.06, '12.1'],
  [104.4, '104'],
  [9994, '9994'],
  [9995, '10.0k'],
  [91_234, '91.2k'],
  [999_499, '999k'],
  [1_050_000, '1.05M'],
  [Number.NaN, '–'],
])('%s is written %s', (value, text) => {
  expect(compact(value)).toBe(text);
});

test('the progress line says how far it is, and how long it will take', () => {
  const step = { row: 2, rows: 40, name: 'redis-1@veth/2cpu', round: 1, rounds: 5 };
  expect(progressLine(step, 700_000)).toBe('[ 3/40] redis-1@veth/2cpu, round 2 of 5; about 12 min left');
  expect(progressLine({ ...step, rows: 5 }, 61_200)).toBe('[3/5] redis-1@veth/2cpu, round 2 of 5; about 62 s left');
});
