/** What the lab makes of its results. */
import { expect, test } from 'vitest';
import { problemsOf, toJson, verdictOf } from '../../src/lab/verdict.ts';
import { report } from './fixtures.ts';

test('naive fails, guarded does as TCP: nothing to complain of', () => {
  const good = report({ naive: false, guarded: true, expected: 'broken' });
  expect(problemsOf(good)).toEqual([]);
  expect(verdictOf(good, 'tcp')).toBe('');
  expect(verdictOf(good, 'naive')).toBe('broken');
  expect(verdictOf(good, 'guarded')).toBe('equal to TCP');
});

test('guarded that does otherwise than TCP is a problem', () => {
  const problems = problemsOf(report({ naive: false, guarded: false, expected: 'broken' }));
  expect(problems).toEqual(['reorder: guarded is not equal to TCP: nothing']);
});

test('an experiment in which naive does not fail where it must is broken', () => {
  const problems = problemsOf(report({ naive: true, guarded: true, expected: 'broken' }));
  expect(problems).toEqual(['reorder: the experiment is broken: naive did not fail where it is known to fail']);
});

test('so is one in which naive fails where it is known to hold', () => {
  expect(problemsOf(report({ naive: true, guarded: true, expected: 'equal' }))).toEqual([]);
  const [problem] = problemsOf(report({ naive: false, guarded: true, expected: 'equal' }));
  expect(problem).toContain('naive failed (B before A) where it is known to hold');
});

test('the JSON has the events only when they are asked for', () => {
  const good = report({ naive: false, guarded: true, expected: 'broken' });
  const plain = { saw: 'B before A', behaviour: 'B before A', equalToTcp: false, totals: null, tookMs: 7 };
  const results = (json: object) => (json as { results: { naive: object } }).results;
  expect(toJson(good, false)).toMatchObject({ name: 'reorder', hazard: 'H1 reordering', explanation: 'Why it is so.' });
  expect(Object.keys(results(toJson(good, false)))).toEqual(['tcp', 'naive', 'guarded']);
  expect(results(toJson(good, false)).naive).toEqual(plain);
  expect(results(toJson(good, true)).naive).toEqual({
    ...plain,
    events: [{ atMs: 12.34, who: 'client', what: 'sent "A"' }],
  });
});
