/** Files of others: never more of them than there is a use for. And nothing in src/ reads in another way. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  listNames,
  readBytes,
  readEnd,
  readStart,
  readStream,
  readText,
  TooLarge,
} from '../../src/core/bounded-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'splice-bounded-'));
  path = join(folder, 'file');
});

afterEach(() => rmSync(folder, { recursive: true }));

const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

describe('a file', () => {
  test('is read up to a bound, or refused beyond it', () => {
    fc.assert(
      fc.property(content, fc.nat(300), (bytes, most) => {
        writeFileSync(path, bytes);
        expect(readStart(path, most)).toEqual(bytes.subarray(0, most));
        if (bytes.length <= most) expect(readBytes(path, most)).toEqual(bytes);
        else expect(() => readBytes(path, most)).toThrow(TooLarge);
        const fd = openSync(path, 'r');
        expect(readEnd(fd, most)).toEqual(bytes.subarray(Math.max(0, bytes.length - most)));
        closeSync(fd);
      }),
    );
  });

  test('without end costs no more than its bound', () => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 43);
    expect(() => readText(path, 1 << 20)).toThrow(TooLarge);
    expect(readStart(path, 10)).toEqual(Buffer.alloc(10));
  });

  test('of /proc is read to its end, which its size does not tell', () => {
    expect(readText('/proc/self/mountinfo', 1 << 24).split('\n').length).toBeGreaterThan(1);
    expect(readText('/proc/self/comm', 1 << 10)).toMatch(/\n$/);
  });

  test('is a file: a pipe and a device are not waited for', () => {
    execFileSync('mkfifo', [path]);
    for (const other of [path, '/dev/zero', '/dev/tty', folder]) expect(() => readStart(other, 10)).toThrow();
  });
});

test('a directory has so many names, or is refused', () => {
  const directory = join(folder, 'names');
  mkdirSync(directory);
  for (let index = 0; index < 20; index++) writeFileSync(join(directory, String(index)), '');
  expect(listNames(directory, 20)).toHaveLength(20);
  expect(() => listNames(directory, 19)).toThrow(TooLarge);
});

test('a stream without end is left when it has given more than there is a use for', async () => {
  let given = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1 << 10, ++given);
    })(),
  );
  await expect(readStream(endless, 1 << 16)).rejects.toThrow(TooLarge);
  expect(given).toBeLessThan(200);
  expect(await readStream(Readable.from(['é'.repeat(10)]), 20)).toBe('é'.repeat(10));
});

describe('src/', () => {
  const SOURCE = join(import.meta.dirname, '../../src');
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  const codeOf = (file: string) => readFileSync(join(SOURCE, file), 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const using = (pattern: RegExp) => files.filter((file) => pattern.test(codeOf(file)));

  test('reads files and lists directories by bounded-file.ts alone', () => {
    expect(using(/\breadFile(Sync)?\b|\breaddir(Sync)?\b|\bopendir(Sync)?\b|stream\/consumers/)).toEqual([
      'core/bounded-file.ts',
    ]);
    // What is read from it is bounded by readStream().
    expect(using(/\bcreateReadStream\b/)).toEqual(['repl/main.ts']);
  });

  test.each([
    [
      'reads descriptors only where the length is bounded, or what is read is our own',
      /\breadv?Sync\b|\.read\(\s*(fd|\{)/,
      [
        'core/bounded-file.ts',
        // Iterators of ours, a piece at a time, counted; and the kernel's symbols, a line at a time.
        'core/iterators.ts',
        // Pipes between two programs of ours.
        'core/outpost-child.ts',
        'core/outpost.ts',
        'doctor/programs.ts',
        // Lines that were checked, and a line at a time.
        'recording/lines.ts',
        'recording/reader.ts',
      ],
    ],
    [
      'reads lines without a bound only from programs of ours',
      /\bcreateInterface\b/,
      ['doctor/probe-child.ts', 'doctor/probe-process.ts'],
    ],
    [
      'touches descriptors of other processes only in the process that may be lost',
      /\bduplicateDescriptor\b|\bprocessDetail\(/,
      ['core/descriptors.ts', 'core/outpost-child.ts', 'core/process.ts'],
    ],
  ])('%s', (_what, pattern, known) => {
    const found = using(pattern).filter((file) => !NAMES_ONLY.some((name) => file === name));
    expect(found.toSorted()).toEqual(known.toSorted());
  });

  /** These have a method of that name, which goes to the outpost or to a recording. */
  const NAMES_ONLY = ['core/splice.ts', 'recording/recorder.ts', 'recording/replay.ts', 'tui/detail/DetailView.tsx'];

  test('what is told here is of files that are there', () => {
    for (const file of NAMES_ONLY) expect(files.map((one) => relative('.', one))).toContain(file);
  });
});
