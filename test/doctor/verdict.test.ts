/** How a probe, or two observations of one, become a line of the report. */
import { expect, test } from 'vitest';
import { SpliceError } from '../../src/core/index.ts';
import { KernelError } from '../../src/core/kernel-error.ts';
import { missing, type Question, tryOut } from '../../src/doctor/check.ts';
import { EXPERIMENTS } from '../../src/doctor/experiments.ts';
import { judge } from '../../src/doctor/live.ts';
import type { Observation } from '../../src/doctor/probe-process.ts';
import { PROBES } from '../../src/doctor/probes.ts';

const QUESTION: Question = { name: 'x', group: 'sockets', meaning: 'it differs', remedy: 'keep it out' };

function fail(error: unknown): () => string {
  return () => {
    throw error;
  };
}

test('works: what was seen, and nothing to do', () => {
  expect(tryOut(QUESTION, () => 'seen')).toEqual({ ...QUESTION, result: 'works', saw: 'seen', remedy: '' });
});

test.each([
  [
    'an error with a remedy',
    new SpliceError('NO_LIBBPF', 'no library\nmore', 'install it'),
    'no library',
    'install it',
  ],
  ['a refusal', new KernelError('load', 1), 'load: EPERM (operation not permitted)', 'run it again with sudo'],
  ['another failure', new KernelError('load', 22), 'load: EINVAL (invalid argument)', 'keep it out'],
  ['text that moves the cursor', new Error('\u001b[2J'), '\\x1b[2J', 'keep it out'],
  ['no error at all', 'a text', 'a text', 'keep it out'],
])('missing: %s', (_, thrown, saw, remedy) => {
  expect(tryOut(QUESTION, fail(thrown))).toEqual({ ...QUESTION, result: 'missing', saw, remedy });
  expect(missing(QUESTION, thrown, 'before: ').saw).toBe(`before: ${saw}`);
});

test('a spliced socket that answers as TCP does works', () => {
  const check = judge(QUESTION, { spliced: false, saw: '5' }, { spliced: true, saw: '5' }, { spliced: true, saw: '5' });
  expect(check).toMatchObject({ result: 'works', saw: 'spliced: 5; TCP: 5', remedy: '' });
});

test('one that a rule keeps from deviating works, and the report says what it would be without', () => {
  const check = judge(QUESTION, { spliced: false, saw: '5' }, { spliced: true, saw: '5' }, { spliced: true, saw: '0' });
  expect(check).toMatchObject({ result: 'works', saw: 'spliced: 5; TCP: 5; without a rule: 0', remedy: '' });
});

test('one that answers differently deviates', () => {
  const spliced = { spliced: true, saw: '0' };
  const check = judge(QUESTION, { spliced: false, saw: '5' }, spliced, spliced);
  expect(check).toEqual({ ...QUESTION, result: 'deviates', saw: 'spliced: 0; TCP: 5' });
});

test.each([
  [true, true, true],
  [false, false, true],
  [false, true, false],
  [true, false, false],
])(
  'nothing is judged when the control is spliced (%s), or one of the others is not (%s, %s)',
  (control, spliced, naive) => {
    const [tcp, ...others] = [control, spliced, naive].map((is) => ({ spliced: is, saw: is ? '0' : '5' }));
    const check = judge(QUESTION, tcp as Observation, others[0] as Observation, others[1] as Observation);
    expect(check).toMatchObject({ result: 'missing', saw: expect.stringMatching(/^not judged: /) });
  },
);

test('every probe belongs to one experiment, and each says what it means and what to do', () => {
  const used = EXPERIMENTS.map(({ probe }) => probe);
  expect([...used, 'redirect'].toSorted()).toEqual(Object.keys(PROBES).toSorted());
  for (const { meaning, remedy } of EXPERIMENTS) expect([meaning, remedy]).not.toContain('');
});
