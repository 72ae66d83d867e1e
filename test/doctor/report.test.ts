/** The doctor's report as text. */
import { expect, test } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { report, wrap } from '../../src/doctor/report.ts';

function check(parts: Partial<Check>): Check {
  return { name: 'a', group: 'kernel', result: 'works', saw: 'seen', meaning: 'means', remedy: '', ...parts };
}

const REASON = { result: 'missing', saw: 'not tried: no reason', meaning: 'means', remedy: 'as root' } as const;

test('what works takes one line, what does not says what it means and what to try', () => {
  const checks = [check({}), check({ name: 'long', result: 'deviates', remedy: 'something' })];
  expect(report(checks, 80)).toContain(
    [
      'kernel',
      '  works     a     seen',
      '  deviates  long  seen',
      '            means',
      '            try: something',
    ].join('\n'),
  );
});

test('what was said of one missing thing is not said again of the next', () => {
  const text = report([check(REASON), check({ ...REASON, name: 'b' })], 80);
  expect(text.match(/not tried: no reason/g)).toHaveLength(2);
  expect(text.match(/means/g)).toHaveLength(1);
  expect(text.match(/try: as root/g)).toHaveLength(1);
});

test('two that deviate in the same way each have their meaning', () => {
  const checks = ['one', 'two'].map((meaning) => check({ result: 'deviates', meaning, remedy: 'r' }));
  const text = report(checks, 80);
  expect(text).toContain('one');
  expect(text).toContain('two');
});

test('counts each result', () => {
  const checks = [check({}), check({}), check({ result: 'deviates' }), check(REASON)];
  expect(report(checks, 80)).toMatch(/\n\n2 work, 1 deviate, 1 missing$/);
});

test('no line is wider than the terminal', () => {
  const text = 'one two three '.repeat(30).trim();
  const shown = report([check({ saw: text, meaning: text, remedy: text, result: 'deviates' })], 60);
  for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
});

test.each([
  ['a bb ccc', 4, ['a bb', 'ccc']],
  ['a bb ccc', 80, ['a bb ccc']],
  ['abcdefgh i', 4, ['abcdefgh', 'i']],
  ['', 4, ['']],
])('wrap(%j, %i)', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});
