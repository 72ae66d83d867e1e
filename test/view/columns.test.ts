import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, measureEnds, placeColumns } from '../../src/view/columns.ts';
import { rowLine, titleLine } from '../../src/view/line.ts';
import { displayWidth } from '../../src/view/width.ts';
import { anEntry, NO_PASSES } from './fixtures.ts';

/** 10.0.0.1:5000 and 10.0.0.2:80, with room for a port of five digits. */
const ENDS = { own: 15, peer: 15 };

function namesAt(width: number): string[] {
  return placeColumns(width, ENDS).map(({ column }) => column.name);
}

describe('placeColumns', () => {
  test('shows every column where there is room', () => {
    expect(namesAt(200)).toEqual(COLUMNS.map((column) => column.name));
  });

  test('lets columns give way in a fixed order', () => {
    const order: string[] = [];
    let before = namesAt(200);
    for (let width = 199; width >= 1; width--) {
      const now = namesAt(width);
      order.push(...before.filter((name) => !now.includes(name)));
      expect(before).toEqual(expect.arrayContaining(now));
      before = now;
    }
    expect(before).toEqual(['own']);
    expect(order.slice(0, 4)).toEqual(['age', 'queued', 'reason', 'process']);
    expect(order.slice(-2)).toEqual(['redirects', 'peer']);
  });

  test('keeps what matters most at 80 columns', () => {
    expect(namesAt(79)).toEqual(['own', 'link', 'peer', 'state', 'redirects', 'rate', 'bytes', 'passes']);
  });

  test('never makes a line wider than it may be', () => {
    const row = { entry: anEntry(), rate: 3, process: { pid: 4_194_304, comm: '数据库数据库' } };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 9, max: 21 }), (width, end) => {
        const placed = placeColumns(width, { own: end, peer: end });
        expect(displayWidth(titleLine(placed))).toBeLessThanOrEqual(width);
        expect(displayWidth(rowLine(placed, row))).toBe(displayWidth(titleLine(placed)));
      }),
    );
  });
});

describe('a row', () => {
  const cells = (told: Parameters<typeof anEntry>[0], rate: number | null = null) => {
    const entry = anEntry(told);
    const row = { entry, rate, process: entry.process };
    return Object.fromEntries(COLUMNS.map((column) => [column.name, column.text(row, column.max)]));
  };

  test('has both ends decoded, and the figures', () => {
    expect(cells({}, 2.5)).toEqual({
      own: '10.0.0.1:5000',
      link: '->',
      peer: '10.0.0.2:80',
      state: 'ESTABLISHED',
      process: '812 redis-server',
      redirects: '23',
      rate: '2.5',
      bytes: '1.4 KiB',
      passes: '0',
      reason: '',
      queued: '0 B',
      age: '1s',
    });
  });

  test('names the most frequent reason to pass', () => {
    expect(cells({ passes: { ...NO_PASSES, noPeer: 2, backlog: 5 } })).toMatchObject({
      passes: '7',
      reason: 'backlog',
    });
  });

  test('says what is not there', () => {
    expect(cells({ peer: false, process: null })).toMatchObject({ link: '-x', process: '-', rate: '-' });
  });

  test('shortens a state as ss does', () => {
    const state = COLUMNS.find((column) => column.name === 'state');
    expect(state?.text({ entry: anEntry(), rate: null, process: null }, 5)).toBe('ESTAB');
  });
});

test('measureEnds finds the widest ends', () => {
  const entries = [anEntry(), anEntry({ sip: '192.168.100.100', sport: 65535 })];
  expect(measureEnds(entries)).toEqual({ own: 21, peer: 11 });
  expect(measureEnds(entries, { own: 30, peer: 3 })).toEqual({ own: 30, peer: 11 });
});
