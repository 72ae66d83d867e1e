/** ~/.config/splice/repl.js: whose it must be to be run. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStartupFile } from '../../src/repl/startup-file.ts';
import { describeUnless } from '../setup/kernel-gate.ts';

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'splice-startup-'));
  file = join(home, '.config/splice/repl.js');
  mkdirSync(join(home, '.config/splice'), { recursive: true });
});

afterEach(() => rmSync(home, { recursive: true }));

const read = (more: NodeJS.ProcessEnv = {}) => readStartupFile({ HOME: home, ...more });

test('is read from ~/.config, or where XDG_CONFIG_HOME says', () => {
  expect(read()).toBeNull();
  writeFileSync(file, 'const mine = 1');
  expect(read()).toEqual({ text: 'const mine = 1', file });
  expect(read({ XDG_CONFIG_HOME: join(home, 'other') })).toBeNull();
  mkdirSync(join(home, 'other/splice'), { recursive: true });
  symlinkSync(file, join(home, 'other/splice/repl.js'));
  expect(read({ XDG_CONFIG_HOME: join(home, 'other') })?.text).toBe('const mine = 1');
  expect(read({ XDG_CONFIG_HOME: 'not/absolute' })?.file).toBe(file);
});

test.each([0o664, 0o646, 0o666])('is not run when others may write it: mode %o', (mode) => {
  writeFileSync(file, 'evil()');
  chmodSync(file, mode);
  expect(() => read()).toThrow(/not run: others may write it/);
});

test('is not run when others may have put it there', () => {
  writeFileSync(file, 'evil()');
  chmodSync(join(home, '.config'), 0o777);
  expect(() => read()).toThrow(/not run: others may write to .*\.config; chmod go-w helps/);
  chmodSync(join(home, '.config'), 0o1777);
  expect(read()?.text).toBe('evil()');
});

test('is no file whose words are those of a running program, and none without end', () => {
  // Of a program that runs as root, this file is root's, whoever chose the words.
  symlinkSync(`/proc/${process.pid}/cmdline`, file);
  expect(() => read()).toThrow(/not run: .* is in a file system of the kernel's/);
  rmSync(file);
  symlinkSync(`/proc/${process.pid}/root/dev/zero`, file);
  expect(() => read()).toThrow(/not a file/);
  rmSync(file);
  writeFileSync(file, '');
  truncateSync(file, 2 ** 40);
  expect(() => read()).toThrow(/more than \d+ bytes/);
});

test('is a file, and no pipe that is waited for', () => {
  execFileSync('mkfifo', [file]);
  expect(() => read()).toThrow(/not a file/);
});

describeUnless(process.getuid?.() === 0 ? null : 'only root can act for another user', 'as root', () => {
  const uid = 65534;
  const sudo = { SUDO_UID: String(uid), SUDO_GID: String(uid) };

  test("a file of another user's is not run", () => {
    writeFileSync(file, 'evil()');
    chownSync(file, uid, uid);
    expect(() => read()).toThrow(/belongs to another user \(uid 65534\)/);
  });

  test("a link of another user's is not followed, wherever it leads", () => {
    const theirs = join(home, 'theirs');
    mkdirSync(join(theirs, 'splice'), { recursive: true });
    writeFileSync(file, 'meant_for_another_day()');
    symlinkSync(file, join(theirs, 'splice/repl.js'));
    chownSync(theirs, uid, uid);
    expect(() => read({ XDG_CONFIG_HOME: theirs })).toThrow(/theirs belongs to another user \(uid 65534\)/);
  });

  test('behind sudo it is the file of whoever called it, read with the rights of that user', () => {
    writeFileSync(file, 'const mine = 1');
    chmodSync(home, 0o755);
    expect(() => read(sudo)).toThrow(/belongs to another user \(uid 0\)/);
    chownSync(file, uid, uid);
    expect(read(sudo)?.text).toBe('const mine = 1');
    chmodSync(home, 0o700);
    expect(() => read(sudo)).toThrow(/EACCES/);
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
  });
});
