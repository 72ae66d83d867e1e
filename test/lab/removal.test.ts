/** By their names it is known what a killed lab left, and what belongs to a running one. */
import { expect, test } from 'vitest';
import { deadStage, stageName } from '../../src/lab/removal.ts';

/** No process of this machine started one clock tick after it did. */
const dead = `splice-lab-${process.pid}-1`;

test('every stage has a name of its own', () => {
  expect(stageName()).not.toBe(stageName());
});

test('what a dead lab made is known by its name', () => {
  expect(deadStage(`${dead}-3`)).toBe(`${dead}-3`);
  expect(deadStage(`${dead}-3-2`)).toBe(`${dead}-3`);
});

test('a running lab is left alone', () => {
  const name = stageName();
  expect(deadStage(name)).toBeNull();
  expect(deadStage(`${name}-2`)).toBeNull();
});

test.each([
  ['splice'],
  ['splice-demo-812-3-1'],
  ['splice-lab-812-3'],
  ['my-splice-lab-812-3-1'],
  ['splice-lab-812-3-x'],
])('%s is none of the lab', (name) => expect(deadStage(name)).toBeNull());
