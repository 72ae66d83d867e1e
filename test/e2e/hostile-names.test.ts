/** Names that others choose reach no terminal as they are: of processes, cgroups, pins and files, in everything printed. */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeStatus } from '../../src/cli/status.ts';
import { formatError, openSplice, SpliceError } from '../../src/core/index.ts';
import { NONE_KEPT_OUT } from '../../src/core/layout.ts';
import { describeProblem } from '../../src/repl/problem.ts';
import { jsonText } from '../../src/view/json.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf, Peers } from '../support/peers.ts';
import { run } from '../support/run.ts';

/** Clears the screen, sets the title, imitates a line, turns text around, and is not even UTF-16. */
const HOSTILE = '\u001b[2J\u001b]0;x\u0007\u009b2J\u202e\u200b\r\u2028x';
/** Of processes: 15 bytes at the most. */
const HOSTILE_COMM = '\u001b[2J\u202e\rx';

const steers = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** What would steer a terminal; the ends of lines are ours, those of CSV too. */
function steering(text: string): string | null {
  const found = steers.exec(text.replace(/\r?\n/g, ''));
  return found && `${JSON.stringify(found[0])} in ${JSON.stringify(text)}`;
}

const anyName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...HOSTILE, '\n', 'a', '\ud800', '\u{e0001}') }),
);

describe('whatever a name is', () => {
  test('an error, of ours or of the system, does not steer a terminal', () => {
    fc.assert(
      fc.property(anyName, anyName, fc.constantFrom('', 'splice'), (message, remedy, DEBUG) => {
        for (const error of [new SpliceError('BUSY', message, remedy), new Error(message), message]) {
          expect(steering(formatError(error, { DEBUG }))).toBeNull();
          expect(steering(describeProblem(error, { env: { DEBUG }, file: remedy, width: 40 }))).toBeNull();
        }
      }),
    );
  });

  test('a status does not, in words and as JSON, which says the same', () => {
    fc.assert(
      fc.property(anyName, anyName, (pin, cgroup) => {
        const passes = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };
        const totals = { redirects: 0, redirectBytes: 0, passes };
        const map = { id: 1, name: 'INTERCEPT_MAP', maxEntries: 1, entries: 0 };
        const status = {
          loaded: true,
          mode: 'guarded',
          bypass: false,
          pin,
          cgroups: [cgroup],
          map,
          totals,
          keptOut: NONE_KEPT_OUT,
        } as const;
        expect(steering(describeStatus({ ...status, cgroups: [cgroup] }, status.pin))).toBeNull();
        expect(steering(jsonText(status))).toBeNull();
        expect(JSON.parse(jsonText(status))).toEqual(JSON.parse(JSON.stringify(status)));
      }),
    );
  });
});

describeKernel('with hostile neighbours', () => {
  test('no command steers a terminal', async () => {
    await using bed = new TestBed();
    const cgroup = join(bed.cgroup, HOSTILE);
    const pin = `${bed.pin}${HOSTILE.replaceAll('.', '')}`;
    const folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
    const file = join(folder, `${HOSTILE}.jsonl`);
    writeFileSync(file, 'throw new Error("\\u001b[2J")');
    mkdirSync(cgroup);
    using splice = openSplice({ pin });
    splice.up({ cgroups: [cgroup] });
    try {
      await using peers = new Peers(cgroup);
      const pair = await peers.open();
      await peers.rename(HOSTILE_COMM);
      await until(() => splice.entries().some(({ process }) => process?.comm.includes('\\x1b')), 'it has its name');
      const { client } = keysOf(pair);
      const commands: [string, ...string[]][] = [
        ['splice', 'status'],
        ['splice', 'status', '--json'],
        ['splice', 'entries'],
        ['splice', 'entries', '--json'],
        ['splice', 'entries', '--csv'],
        ['splice', 'entries', '--filter', HOSTILE],
        ['splice', 'policy', '--exclude-comm', HOSTILE_COMM],
        ['splice', 'policy'],
        ['splice', 'policy', '--json'],
        ['splice', 'mode', HOSTILE],
        ['splice', HOSTILE],
        ['splice', 'status', HOSTILE],
        ['splice', 'up', '--cgroup', join(cgroup, HOSTILE)],
        ['splice', 'up', '--cgroup', cgroup, '--max-entries', '9'],
        ['splice-tui', '--once'],
        ['splice-tui', '--once', '--json'],
        ['splice-tui', '--once', '--replay', file],
        ['splice-tui', '--once', '--replay', `${file}x`],
        ['splice-repl', file],
        ['splice-repl', `${file}x`],
        ['splice-repl', '-e', `lookup(${JSON.stringify(HOSTILE)})`],
        ...['why', 'lookup'].map((name) => ['splice-repl', '-e', `${name}("${client}")`] as [string, ...string[]]),
        ...['status()', 'ls()', 'entries()', 'by("comm")', 'policy()', 'throw status().cgroups[0]'].flatMap((code) => [
          ['splice-repl', '-e', code] as [string, ...string[]],
          ['splice-repl', '--json', '-e', code] as [string, ...string[]],
        ]),
      ];
      for (const [program, ...argv] of commands) {
        const { stdout, stderr } = run(program, argv, { env: { SPLICE_PIN: pin } });
        expect(stdout + stderr).not.toBe('');
        expect([program, ...argv, steering(stdout + stderr)]).toEqual([program, ...argv, null]);
      }
    } finally {
      await splice.down({ force: true });
      await until(() => rmdir(cgroup), 'the cgroup is empty');
      rmSync(folder, { recursive: true });
    }
  });
});

function rmdir(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
