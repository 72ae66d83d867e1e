/** Commands without parentheses: which lines are some, and which are JavaScript. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsToCode } from '../../src/repl/words.ts';
import { commandsOf, KEY, noSplice } from './no-splice.ts';

const commands = commandsOf(noSplice());
const toCode = (line: string, isOurs: (name: string) => boolean = () => true) => wordsToCode(line, commands, isOurs);

describe('a command in words', () => {
  test.each([
    ['ls', 'ls()'],
    ['  ls  ', 'ls()'],
    ['ls\n', 'ls()'],
    ['\n\nls\n', '\n\nls()'],
    ['\nls port=80\n', '\nls("port=80")'],
    ['status', 'status()'],
    ['mode', 'mode()'],
    ['help', 'help()'],
    ['help rev', 'help("rev")'],
    ['mode bypass', 'mode("bypass")'],
    ['ls port=6379', 'ls("port=6379")'],
    ['ls port=6379 and not spliced', 'ls("port=6379 and not spliced")'],
    ['ls 6379', 'ls("6379")'],
    ['ls comm="a b"', 'ls("comm=\\"a b\\"")'],
    ['ls !spliced', 'ls("!spliced")'],
    ['ls (port=80 or port=81)', 'ls("(port=80 or port=81)")'],
    ['ls ->10.0.0.2', 'ls("->10.0.0.2")'],
    ['watch stuck', 'watch("stuck")'],
    [`show ${KEY}`, `show("${KEY}")`],
    [`rev ${KEY};`, `rev("${KEY}")`],
    [`rev '${KEY}'`, `rev("${KEY}")`],
    ['why [::1]:5000->[::1]:80', 'why("[::1]:5000->[::1]:80")'],
    ['show 0100000a0200000a8813000050000000', 'show("0100000a0200000a8813000050000000")'],
    [`peer ${KEY}`, `peer("${KEY}")`],
    [`rm ${KEY}`, `rm("${KEY}")`],
    [`rm ${KEY} force`, `rm("${KEY}", {"force":true})`],
    [`add ${KEY} 812 7`, `add("${KEY}", {"pid":812,"fd":7})`],
    [`add ${KEY}`, `add("${KEY}")`],
  ])('%j is %s', (line, code) => expect(toCode(line)).toBe(code));

  test.each([
    'show',
    'rm',
    'undo',
    'adopt',
    'ls()',
    'ls = 5',
    'mode=bypass',
    'mode += 1',
    'key in x',
    'key instanceof Object',
    'ls(',
    'entries(e => {',
    'entries (e => {',
    'ls (port=80 or',
    'watch (x)',
    'mode - 1',
    'mode, 5',
    'ls `x`',
    'mode ? 1 : 2',
    'key [',
    'const ls = 5',
    'splice port',
    'nothing port=80',
    'ls port\nls port',
    '',
  ])('%j is JavaScript', (line) => expect(toCode(line)).toBeNull());

  test("a variable of the user's wins", () => {
    expect(toCode('ls port=80', () => false)).toBeNull();
    expect(toCode('ls', () => false)).toBeNull();
  });

  test('no line at all breaks it, and none that is JavaScript is taken for one', () => {
    const parts = fc.constantFrom(
      'ls',
      'rm',
      ' ',
      '(',
      ')',
      '[',
      '{',
      "'",
      '"',
      '`',
      '=',
      '->',
      KEY,
      '=>',
      ';',
      '\n',
      'a',
      '1',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(parts, { maxLength: 8 }).map((some) => some.join('')),
          fc.string(),
        ),
        (line) => {
          const code = toCode(line);
          if (code !== null) expect(() => new Function(code)).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});
