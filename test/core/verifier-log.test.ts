/** What the verifier says is kept once, and nobody else can read it or send it elsewhere. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepVerifierLog, verifierReason } from '../../src/core/verifier-log.ts';

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

const BEGIN = "libbpf: prog 'handle_sock_ops': -- BEGIN PROG LOAD LOG --";
const END = `-- END PROG LOAD LOG --
libbpf: prog 'handle_sock_ops': failed to load: -13
libbpf: failed to load object 'guarded.bpf.o'
`;
/** What a verifier writes on the way: an instruction and the registers after it. */
const STEPS = fc.array(
  fc.nat(9999).map((at) => `${at}: (61) r0 = *(u32 *)(r0 +0)`),
  { maxLength: 60 },
);
const REASON = "R0 invalid mem access 'map_value_or_null'";

test('the reason is shown where it is the last word before the statistics', () => {
  const after = fc.subarray([
    'verification time 213 usec',
    'stack depth 112',
    'processed 1337 insns (limit 1000000) max_states_per_insn 4 total_states 48 peak_states 43 mark_read 0',
  ]);
  fc.assert(
    fc.property(STEPS, after, (steps, statistics) => {
      const shown = verifierReason([BEGIN, ...steps, REASON, ...statistics, END].join('\n'));
      expect(shown.at(-1)).toBe(REASON);
      expect(shown.length).toBeLessThanOrEqual(12);
    }),
  );
});

test('and where a kernel marks it, and writes a report behind it', () => {
  fc.assert(
    fc.property(STEPS, STEPS, fc.constantFrom(' ', '\n  '), (before, report, gap) => {
      const shown = verifierReason(
        [BEGIN, ...before, `Verification failed:${gap}${REASON}`, ...report, END].join('\n'),
      );
      expect(shown.slice(0, 2).join('\n')).toContain(REASON);
      expect(shown.length).toBeLessThanOrEqual(12);
    }),
  );
});

test('a log without a program has its last words', () => {
  expect(verifierReason('libbpf: one\nlibbpf: two\n')).toEqual(['libbpf: one', 'libbpf: two']);
});
