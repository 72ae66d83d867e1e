/** What .ci/run says in the end: its last line is read by programs. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/run.ts';

/** Runs .ci/run where `npm test` counts and ends like this, and npm's `run` fails for these checks. */
function runCi(counts: string, status: number, failing: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'splice-ci-'));
  const npm = `#!/bin/sh
    if [ "$1" = test ]; then printf '%s' '${counts}' >"$TEST_COUNTS"; exit ${status}; fi
    for check in ${failing.join(' ')}; do if [ "$3" = "check:$check" ]; then exit 1; fi; done
  `;
  writeFileSync(join(folder, 'npm'), npm);
  chmodSync(join(folder, 'npm'), 0o700);
  const run = spawnSync('bash', [join(ROOT, '.ci/run')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  rmSync(folder, { recursive: true });
  return { status: run.status, last: run.stdout.trimEnd().split('\n').slice(-2) };
}

test.each([
  ['5 0 0\n', 0, [], ['', '8 passed, 0 failed'], 0],
  ['5 0 2\n', 0, [], ['2 skipped', '8 passed, 0 failed'], 0],
  ['5 2 1\n', 1, [], ['1 skipped', '8 passed, 2 failed'], 1],
  ['5 0 0\n', 0, ['types', 'dead-code'], ['', '6 passed, 2 failed'], 1],
  // Something was left behind, or set-up ended before the first test.
  ['5 0 0\n', 1, [], ['', '8 passed, 1 failed'], 1],
  ['', 1, [], ['', '3 passed, 1 failed'], 1],
] as const)('counts %j, npm test ends with %i, checks %j fail', (counts, status, failing, last, expected) => {
  expect(runCi(counts, status, failing)).toEqual({ status: expected, last });
});
