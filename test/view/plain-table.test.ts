import { expect, test } from 'vitest';
import { inOrder } from '../../src/view/order.ts';
import { plainTable } from '../../src/view/plain-table.ts';
import { anEntry, NO_PASSES } from './fixtures.ts';

const ENTRIES = [
  anEntry(),
  anEntry({
    sip: '10.0.0.2',
    sport: 80,
    dip: '10.0.0.1',
    dport: 5000,
    passes: { ...NO_PASSES, order: 1 },
    process: null,
  }),
];

test('prints every column in full when no width is given', () => {
  expect(plainTable(ENTRIES)).toBe(
    [
      'OWN END          PEER END       STATE        PROCESS           REDIRECTS    BYTES  PASSES REASON  QUEUED  AGE',
      '10.0.0.1:5000 -> 10.0.0.2:80    ESTABLISHED  812 redis-server         23  1.4 KiB       0            0 B   1s',
      '10.0.0.2:80   -> 10.0.0.1:5000  ESTABLISHED  -                        23  1.4 KiB       1 order      0 B   1s',
    ].join('\n'),
  );
});

test('keeps within a width', () => {
  for (let width = 1; width <= 120; width++) {
    for (const line of plainTable(ENTRIES, width).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  }
});

test('prints the titles alone without entries', () => {
  expect(plainTable([])).toMatch(/^OWN END .*AGE$/);
});

test('inOrder sorts by the number that a cookie is, and leaves its input alone', () => {
  const cookies = ['20', '3', '100'].map((cookie) => ({ cookie }));
  expect(inOrder(cookies).map(({ cookie }) => cookie)).toEqual(['3', '20', '100']);
  expect(cookies[0]).toEqual({ cookie: '20' });
});
