import { expect, test } from 'vitest';
import { nearest } from '../../src/core/index.ts';

test.each([
  ['entris', 'entries'],
  ['lokup', 'lookup'],
  ['revrese', 'reverse'],
  ['rev', 'reverse'],
  ['MODE', 'mode'],
  ['dle', 'del'],
  ['x', null],
  ['somethingElse', null],
  ['', null],
])('%s is near %s', (typed, meant) => {
  expect(nearest(typed, ['entries', 'lookup', 'reverse', 'mode', 'del'])).toBe(meant);
});
