/** `npm run try:kernel`, but for its guests: which kernel is meant, and what is made of their results. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePackage } from '../../scripts/try-kernel/choose.ts';
import { detailsOf, isGood, readReports, type Tried, tableOf } from '../../scripts/try-kernel/results.ts';
import type { FileReport } from '../setup/report.ts';

const NAMES = [
  'linux-image-6.1.0-9-amd64',
  'linux-image-6.1.0-56-amd64',
  'linux-image-6.1.0-57-cloud-amd64',
  'linux-image-6.12-amd64',
  'linux-image-6.12.9+deb13-amd64',
  'linux-image-6.12.118+deb12-amd64',
  'linux-image-6.12.118+deb13-amd64',
  'linux-image-6.12.119+deb13-rt-amd64',
  'linux-image-7.3-amd64',
  'linux-image-7.2.13+deb14-amd64',
];

test.each([
  ['6.1', 'linux-image-6.1.0-56-amd64'],
  ['6.12', 'linux-image-6.12.118+deb13-amd64'],
  ['6.12.9', 'linux-image-6.12.9+deb13-amd64'],
  ['6.12.118+deb12', 'linux-image-6.12.118+deb12-amd64'],
  ['newest', 'linux-image-7.2.13+deb14-amd64'],
  ['linux-image-7.3-amd64', 'linux-image-7.3-amd64'],
  ['linux-image-6.1.0-57-cloud-amd64', 'linux-image-6.1.0-57-cloud-amd64'],
])('%s is %s', (wanted, name) => {
  fc.assert(
    fc.property(fc.shuffledSubarray(NAMES, { minLength: NAMES.length }), (names) => {
      expect(choosePackage(wanted, names)).toBe(name);
    }),
  );
});

test.each(['6.11', '6.12.11', '5', 'x', ''])("'%s' is none of them", (wanted) => {
  expect(() => choosePackage(wanted, NAMES)).toThrow(`no kernel package fits '${wanted}'`);
});

describe('results', () => {
  const passed: FileReport = { file: 'test/a.test.ts', passed: 3, failures: [], skipped: [] };
  const failed: FileReport = {
    file: 'test/b.test.ts',
    passed: 1,
    failures: [{ test: 'redirects', error: 'no\nway' }],
    skipped: [{ test: 'links', reason: 'this kernel has none' }],
  };

  test('are good only when all that was asked for ran and passed', () => {
    const tried = (files: FileReport[], problem: string | null = null): Tried => ({ kernel: '6.1', files, problem });
    expect(isGood(tried([passed]))).toBe(true);
    for (const bad of [tried([]), tried([passed], 'it crashed'), tried([passed, failed])])
      expect(isGood(bad)).toBe(false);
  });

  test('are a table, with what failed and why tests were skipped', () => {
    const all: Tried[] = [
      { kernel: '6.1', files: [failed, passed], problem: null },
      { kernel: '7.3', files: [passed], problem: 'it crashed' },
    ];
    expect(tableOf(all).split('\n')).toEqual([
      '| passed/failed/skipped | 6.1   | 7.3                |',
      '|-----------------------|-------|--------------------|',
      '| test/a.test.ts        | 3/0/0 | 3/0/0              |',
      '| test/b.test.ts        | 1/1/1 | did not run        |',
      '| all                   | 4/1/1 | 3/0/0, not all ran |',
    ]);
    expect(detailsOf(all).split('\n')).toEqual([
      '6.1:',
      '  FAILED test/b.test.ts > redirects',
      '    no',
      '    way',
      '  skipped 1: this kernel has none',
      '7.3:',
      '  it crashed',
    ]);
  });

  test('are read up to the line that a crash cut', () => {
    const folder = mkdtempSync(join(tmpdir(), 'splice-results-'));
    try {
      const path = join(folder, 'report');
      expect(readReports(path)).toEqual([]);
      fc.assert(
        fc.property(fc.nat(200), (length) => {
          const text = `${JSON.stringify(passed)}\n${JSON.stringify(failed)}\n`;
          writeFileSync(path, text.slice(0, length));
          const whole = text.slice(0, length).split('\n').length - 1;
          expect(readReports(path)).toEqual([passed, failed].slice(0, whole));
        }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
