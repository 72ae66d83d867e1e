import { expect, test } from 'vitest';
import { condense, sparkline } from '../../src/view/sparkline.ts';

test('sparkline has a bar for each value, the newest on the right', () => {
  expect(sparkline([0, 1, 2, 7], 6)).toBe('  ▁▂▃█');
  expect(sparkline([9, 9, 0, 7], 2)).toBe('▁█');
  expect(sparkline([0, 0], 3)).toBe(' ▁▁');
  expect(sparkline([], 3)).toBe('   ');
  expect(sparkline([1], 0)).toBe('');
});

test('condense makes means of neighbours', () => {
  expect(condense([1, 2, 3, 4, 5, 6], 3)).toEqual([1.5, 3.5, 5.5]);
  expect(condense([1, 2, 3], 2)).toEqual([1, 2.5]);
  expect(condense([1, 2], 5)).toEqual([1, 2]);
});
