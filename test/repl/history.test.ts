/** The lines that are remembered, and whose file they go to. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { History } from '../../src/repl/history.ts';
import { openHistoryFile } from '../../src/repl/history-file.ts';
import { describeUnless } from '../setup/kernel-gate.ts';

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'splice-history-'));
  file = join(home, '.local/state/splice/repl_history');
});

afterEach(() => rmSync(home, { recursive: true }));

function remember(lines: string[], env: NodeJS.ProcessEnv = { HOME: home }): readonly string[] {
  const history = new History(openHistoryFile(env));
  for (const line of lines) history.append(line);
  history.close();
  return history.lines;
}

const modeOf = (path: string) => lstatSync(path).mode & 0o777;

describe('lines', () => {
  test('come back, the newest first', () => {
    expect(remember(['entries()', 'status()'])).toEqual([]);
    expect(remember(['mode()'])).toEqual(['status()', 'entries()']);
    expect(remember([])).toEqual(['mode()', 'status()', 'entries()']);
  });

  test('that begin with a blank, repeat the last one or hold escapes are not kept', () => {
    remember([' secret', 'a', 'a', '', '\x1b[2J', 'b', 'a', '}\rfunction f() {']);
    expect(readFileSync(file, 'utf8')).toBe('a\nb\na\n}\rfunction f() {\n');
    writeFileSync(file, 'good\n\x1b]0;title\x07bad\n');
    expect(remember([])).toEqual(['good']);
  });

  test('of two sessions at once are all kept', () => {
    const [one, other] = [new History(openHistoryFile({ HOME: home })), new History(openHistoryFile({ HOME: home }))];
    one.append('one');
    other.append('other');
    one.append('one again');
    one.close();
    other.close();
    expect(remember([])).toEqual(['one again', 'other', 'one']);
  });

  test('are at most a thousand', () => {
    remember(Array.from({ length: 2500 }, (_, index) => `line ${index}`));
    expect(remember([])).toHaveLength(1000);
    expect(remember([])[0]).toBe('line 2499');
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1001);
  });

  test('are read from the end of a file without end, which is short again afterwards', () => {
    remember(['lost']);
    truncateSync(file, 2 ** 40);
    remember(['a']);
    expect(remember([])).toEqual(['a']);
    expect(lstatSync(file).size).toBeLessThan(1 << 20);
  });
});

describe('the file', () => {
  test('is for its user only, where XDG_STATE_HOME says or in ~/.local/state', () => {
    remember(['a']);
    expect([modeOf(file), modeOf(dirname(file))]).toEqual([0o600, 0o700]);
    const elsewhere = join(home, 'state');
    remember(['b'], { HOME: home, XDG_STATE_HOME: elsewhere });
    expect(readFileSync(join(elsewhere, 'splice/repl_history'), 'utf8')).toBe('b\n');
    remember(['c'], { HOME: home, XDG_STATE_HOME: 'not/absolute' });
    expect(readFileSync(file, 'utf8')).toBe('a\nc\n');
  });

  test('that others may read is closed to them', () => {
    remember([]);
    chmodSync(file, 0o644);
    remember([]);
    expect(modeOf(file)).toBe(0o600);
  });

  test.each([
    ['a symbolic link', (other: string) => symlinkSync(other, file)],
    ['a second name of another file', (other: string) => linkSync(other, file)],
    ['a pipe', () => execFileSync('mkfifo', [file])],
    ['a directory', () => mkdirSync(file)],
  ])('is not %s', (_name, plant) => {
    const other = join(home, 'other');
    writeFileSync(other, 'precious\n', { mode: 0o644 });
    mkdirSync(dirname(file), { recursive: true });
    plant(other);
    expect(() => remember(['a'])).toThrow();
    expect(readFileSync(other, 'utf8')).toBe('precious\n');
    expect(modeOf(other)).toBe(0o644);
  });

  test('is not where others may put one', () => {
    const open = join(home, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    expect(() => remember(['a'], { HOME: home, XDG_STATE_HOME: open })).toThrow(/others may write to .*open/);
    expect(lstatSync(join(open, 'splice'), { throwIfNoEntry: false })).toBeUndefined();
  });

  test('is not in a directory that is a symbolic link', () => {
    mkdirSync(join(home, '.local/state'), { recursive: true });
    symlinkSync(home, join(home, '.local/state/splice'));
    expect(() => remember(['a'])).toThrow(/not a directory of this user/);
  });
});

describeUnless(process.getuid?.() === 0 ? null : 'only root can act for another user', 'as root', () => {
  test("is not in a directory of another user's, nor is one made there", () => {
    const theirs = join(home, 'theirs');
    mkdirSync(theirs);
    chownSync(theirs, 65534, 65534);
    expect(() => remember(['a'], { XDG_STATE_HOME: theirs })).toThrow(/belongs to another user \(uid 65534\)/);
    expect(lstatSync(join(theirs, 'splice'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describeUnless(process.getuid?.() === 0 ? null : 'only root can act for another user', 'behind sudo', () => {
  const uid = 65534;
  const env = (more: NodeJS.ProcessEnv = {}) => ({ HOME: home, SUDO_UID: String(uid), SUDO_GID: String(uid), ...more });
  const ownerOf = (path: string) => [lstatSync(path).uid, lstatSync(path).gid];

  test("the file is the user's, in the user's home", () => {
    chownSync(home, uid, uid);
    remember(['a'], env());
    for (const path of [file, dirname(file), join(home, '.local')]) expect(ownerOf(path)).toEqual([uid, uid]);
    expect(modeOf(file)).toBe(0o600);
    expect(remember([], env())).toEqual(['a']);
    expect([process.getuid?.(), process.geteuid?.(), process.getegid?.()]).toEqual([0, 0, 0]);
  });

  test.each([0o700, 0o755])("the file is the user's, in a directory of root's with mode %o", (mode) => {
    chmodSync(home, mode);
    for (const line of ['a', 'b']) remember([line], env({ XDG_STATE_HOME: home }));
    const kept = join(home, 'splice/repl_history');
    expect(ownerOf(kept)).toEqual([uid, uid]);
    expect(ownerOf(dirname(kept))).toEqual([uid, uid]);
    expect(readFileSync(kept, 'utf8')).toBe('a\nb\n');
  });

  test('nothing is made where a link of the user points', () => {
    const roots = join(home, 'of-root');
    mkdirSync(roots, { mode: 0o755 });
    const users = join(home, 'of-user');
    mkdirSync(users);
    symlinkSync(roots, join(users, 'state'));
    chownSync(users, uid, uid);
    chmodSync(home, 0o755);
    expect(() => remember(['a'], env({ XDG_STATE_HOME: join(users, 'state') }))).toThrow(/not root's alone/);
    expect(lstatSync(join(roots, 'splice'), { throwIfNoEntry: false })).toBeUndefined();
  });

  test('a file of root that the user points to is not written', () => {
    const secret = join(home, 'secret');
    writeFileSync(secret, 'precious\n', { mode: 0o600 });
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(secret, file);
    for (const path of [home, join(home, '.local'), join(home, '.local/state'), dirname(file)])
      chownSync(path, uid, uid);
    expect(() => remember(['a'], env())).toThrow();
    expect(readFileSync(secret, 'utf8')).toBe('precious\n');
    expect(ownerOf(secret)).toEqual([0, 0]);
  });
});
