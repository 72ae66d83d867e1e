/** What the verifier says is kept once, and nobody else can read it or send it elsewhere. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepVerifierLog } from '../../src/core/verifier-log.ts';

const NAME = `splice-verifier-${process.geteuid?.()}`;
let parent = '';

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'splice-test-log-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

test('the next log of an object takes the place of the one before', () => {
  const first = keepVerifierLog('guarded', 'one', parent);
  const second = keepVerifierLog('guarded', 'two', parent);
  keepVerifierLog('naive', 'three', parent);
  expect(second).toBe(first);
  expect(readFileSync(first, 'utf8')).toBe('two');
  expect(readdirSync(join(parent, NAME)).sort()).toEqual(['guarded.log', 'naive.log']);
  expect(statSync(first).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(first)).mode & 0o777).toBe(0o700);
});

test.each([
  ['a link', () => symlinkSync('/etc', join(parent, NAME))],
  [
    'a directory for all',
    () => {
      mkdirSync(join(parent, NAME));
      chmodSync(join(parent, NAME), 0o777);
    },
  ],
])('where %s stands in its place, it goes elsewhere', (_, make) => {
  make();
  const file = keepVerifierLog('guarded', 'one', parent);
  expect(dirname(file)).not.toBe(join(parent, NAME));
  expect(readFileSync(file, 'utf8')).toBe('one');
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
});
