/** The lab's table and its stories. */
import { expect, test } from 'vitest';
import { EXPERIMENTS } from '../../src/lab/experiments/index.ts';
import { story, tableHead, tableRows } from '../../src/lab/text.ts';
import { report } from './fixtures.ts';

test('the table says what was seen, judges it, and explains it', () => {
  const rows = tableRows(report({ naive: false, guarded: true, expected: 'broken' }));
  expect(`${tableHead()}\n${rows}`).toBe(
    [
      'EXPERIMENT      WITH     AN APPLICATION SAW                VERDICT',
      'reorder         tcp      in order',
      '                naive    B before A                        broken',
      '                guarded  in order                          equal to TCP',
      '  Why it is so.',
    ].join('\n'),
  );
});

test('a story has the events of each run under its title', () => {
  const told = story(report({ naive: false, guarded: true, expected: 'broken' }));
  expect(told).toContain('reorder with tcp\n   12.3 ms  client         sent "A"\n');
  expect(told).toContain('\n\nreorder with naive: broken\n   12.3 ms  client ');
  expect(told).toContain('\n\nreorder with guarded: equal to TCP\n');
});

test.each(EXPERIMENTS.map((experiment) => [experiment.name, experiment] as const))(
  '%s fits into 80 columns',
  (name, experiment) => {
    expect(name.length).toBeLessThan(16);
    expect(experiment.explanation.length).toBeLessThanOrEqual(78);
  },
);
