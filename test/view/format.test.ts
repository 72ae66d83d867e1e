import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAge, formatBytes, formatCount, formatRate, formatTurnaround } from '../../src/view/format.ts';

describe('formatCount', () => {
  test.each([
    [0, '0'],
    [23, '23'],
    [9_999_999, '9999999'],
    [10_000_000, '10.0M'],
    [999_999_999, '1.0G'],
    [123_456_789_012, '123G'],
  ])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text));
});

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_048_575, '1.0 MiB'],
    [1536 * 1024, '1.5 MiB'],
    [200 * 1024 ** 3, '200 GiB'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatRate', () => {
  test.each([
    [null, '-'],
    [0, '0'],
    [0.04, '0'],
    [3.21, '3.2'],
    [99.96, '100'],
    [9999, '9999'],
    [12_345, '12.3k'],
  ])('%s is %s', (rate, text) => expect(formatRate(rate)).toBe(text));
});

describe('formatAge', () => {
  test.each([
    [850, '850ms'],
    [59_999, '59s'],
    [184_000, '3m04s'],
    [5 * 3_600_000 + 720_000, '5h12m'],
    [9 * 86_400_000 + 3 * 3_600_000, '9d03h'],
  ])('%d ms is %s', (ms, text) => expect(formatAge(ms)).toBe(text));
});

test('figures never outgrow their columns', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
      expect(formatCount(value).length).toBeLessThanOrEqual(7);
      expect(formatRate(value).length).toBeLessThanOrEqual(6);
      expect(formatBytes(value).length).toBeLessThanOrEqual(8);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 * 86_400_000 }), (ms) => {
      expect(formatAge(ms).length).toBeLessThanOrEqual(6);
    }),
  );
});

describe('formatTurnaround', () => {
  test.each([
    [null, '-'],
    [1024, '1.0µs'],
    [99_900, '99.9µs'],
    [99_960, '100µs'],
    [999_400, '999µs'],
    [999_600, '1.0ms'],
    [33_500_000_000, '33.5s'],
  ])('%d ns is %s', (ns, text) => expect(formatTurnaround(ns)).toBe(text));
});
