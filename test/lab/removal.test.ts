/** By their names it is known what a killed lab left, and what belongs to a running one. */
import { expect, test } from 'vitest';
import { deadStage, stageName } from '../../src/lab/removal.ts';

const nobody = () => false;

test('every stage has a name of its own', () => {
  expect(stageName()).not.toBe(stageName());
});

test('what a dead lab made is known by its name', () => {
  expect(deadStage('splice-lab-812-3', nobody)).toBe('splice-lab-812-3');
  expect(deadStage('splice-lab-812-3-2', nobody)).toBe('splice-lab-812-3');
});

test('a running lab is left alone', () => {
  expect(deadStage(stageName())).toBeNull();
  expect(deadStage('splice-lab-812-3', (pid) => pid === 812)).toBeNull();
});

test.each([['splice'], ['splice-demo-812-3'], ['splice-lab-812'], ['my-splice-lab-812-3'], ['splice-lab-812-3-x']])(
  '%s is none of the lab',
  (name) => expect(deadStage(name, nobody)).toBeNull(),
);
