import { expect, test } from 'vitest';
import { NONE_KEPT_OUT } from '../../src/core/layout.ts';
import type { Comparison } from '../../src/demo/quantiles.ts';
import { latencyLines, report } from '../../src/demo/report.ts';
import { displayWidth } from '../../src/view/width.ts';

const SLOW = { p50: 1234.56, p99: 98765.4 };
const FAST = { p50: 617.28, p99: 10000 };
const BOTH: Comparison = { before: SLOW, after: FAST, live: { before: SLOW, after: FAST } };

test('the headline is three lines that fit 79 columns', () => {
  const lines = latencyLines(BOTH);
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(displayWidth(line)).toBeLessThan(80);
  expect(lines[1]).toMatch(/^before: .* 1234\.6 +98765\.4 +1234\.6 +98765\.4$/);
  expect(lines[2]).toMatch(/^after: spliced, 2\.00 times as fast +617\.3 +10000\.0 +617\.3 +10000\.0$/);
});

test('until there is a live measurement its columns are left out', () => {
  const lines = latencyLines({ ...BOTH, live: null });
  expect(lines[0]).not.toContain('busy');
  expect(lines[2]).toMatch(/ 617\.3 +10000\.0$/);
});

test('the report has the totals, the reasons that occurred, and the ratios', () => {
  const passes = { noPeer: 0, order: 3, backlog: 0, pair: 0, bypass: 1 };
  const text = report(
    [],
    {
      loaded: true,
      mode: 'guarded',
      bypass: false,
      pin: '/sys/fs/bpf/x',
      cgroups: [],
      map: { id: 1, name: 'INTERCEPT_MAP', entries: 0, maxEntries: 8 },
      totals: { redirects: 23, redirectBytes: 2048, passes },
      keptOut: NONE_KEPT_OUT,
    },
    BOTH,
  );
  expect(text).toContain('total: 23 messages redirected (2.0 KiB); by TCP all the same: order 3, bypass 1\n');
  expect(text).toMatch(/^ratio: before \/ after +2\.00 +9\.88 +2\.00 +9\.88$/m);
});

test('a splice that somebody took down meanwhile is told', () => {
  expect(report([], { loaded: false }, BOTH)).toContain('the splice was taken down meanwhile');
});
