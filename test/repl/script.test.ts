/** -e, files and standard input, through streams. */
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/repl/commands/command.ts';
import { PendingEdits } from '../../src/repl/pending-edits.ts';
import { runScripts, type Script } from '../../src/repl/script.ts';
import { commandsOf, KEY, noSplice, REVERSE } from './no-splice.ts';

interface Result {
  status: number;
  out: string;
  err: string;
}

async function run(scripts: Script[], { json = false } = {}): Promise<Result> {
  const output = new PassThrough();
  const errors = new PassThrough();
  const printed = Promise.all([text(output), text(errors)]);
  const edits = new PendingEdits();
  const status = await runScripts(scripts, { commands: commandsOf(noSplice(), edits), output, errors, json, edits });
  output.end();
  errors.end();
  const [out, err] = await printed;
  return { status, out, err };
}

const evaluate = (...expressions: string[]) => run(expressions.map((expression) => ({ text: expression })));
const asJson = (...expressions: string[]) =>
  run(
    expressions.map((expression) => ({ text: expression })),
    { json: true },
  );
const pipe = (input: string) => run([{ text: input, file: 'stdin', lines: true }]);

describe('expressions', () => {
  test('print their value, without quotes around text', async () => {
    expect(await evaluate(`reverse('${KEY}')`)).toEqual({ status: 0, out: `${REVERSE}\n`, err: '' });
    expect((await evaluate(`key('${KEY}').hex`)).out).toBe('0100000a0200000a8813000050000000\n');
    expect((await evaluate('({ loaded: false })')).out).toBe('{ loaded: false }\n');
  });

  test('run in order in one context', async () => {
    expect((await evaluate('const a = 2', 'let b = a + 1', 'a * b')).out).toBe('6\n');
  });

  test('are awaited by themselves and may await', async () => {
    expect((await evaluate('Promise.resolve(5)', 'await Promise.resolve(6) + 1', 'const c = await 8', 'c')).out).toBe(
      '5\n7\n8\n',
    );
  });

  test('as JSON print one value a line, and nothing for undefined', async () => {
    const { out } = await asJson(
      `reverse('${KEY}')`,
      'undefined',
      'status()',
      'new Map([["a", new Set([1])]])',
      'null',
    );
    expect(out.split('\n')).toEqual([JSON.stringify(REVERSE), '{"loaded":false}', '{"a":[1]}', 'null', '']);
  });

  test('end at the first error', async () => {
    const { status, out, err } = await evaluate('1', 'key("10.0.0.1:99999->10.0.0.2:80")', '2');
    expect({ status, out }).toEqual({ status: 1, out: '1\n' });
    expect(err).toMatch(/^error\[BAD_KEY\]: the own port .*'99999'.*\ntry: .*\n$/);
  });

  test.each([
    ['entries()', 'NOT_LOADED'],
    [`lookup('${KEY}')`, 'NOT_LOADED'],
    [`peer('${KEY}')`, 'NOT_LOADED'],
    ['mode()', 'NOT_LOADED'],
    ["help('delete')", 'BAD_OPTION'],
    [`put('${KEY}')`, 'BAD_OPTION'],
    [`del('${KEY}', {Force: true})`, 'BAD_OPTION'],
    ['key()', 'BAD_KEY'],
  ])('%s says %s and what to try', async (expression, code) => {
    const { status, out, err } = await evaluate(expression);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(new RegExp(`^error\\[${code}\\]: .+\\ntry: .+\\n$`));
  });

  test.each([
    ['entris()', /ReferenceError: entris is not defined; did you mean 'entries'\?\ntry: entries; /],
    ['nothingLikeIt()', /ReferenceError: nothingLikeIt is not defined\ntry: help\(\)/],
    ['const a =', /SyntaxError: Unexpected end of input\ntry: /],
    ['exit', /ReferenceError: exit is not defined\ntry: Ctrl-D/],
    ['1 +* 2', /SyntaxError: .+\ntry: /],
    ['await 1 +* 2', /SyntaxError: Unexpected token '\*', in: await 1 \+\* 2\ntry: /],
    ['null.x', /TypeError: .+\ntry: /],
    ['await null.x', /TypeError: .+\ntry: /],
    ['throw null', /thrown: null\ntry: /],
    ['Promise.reject(undefined)', /thrown: undefined\ntry: /],
    ['throw { toString() { throw 1 } }', /thrown: object\ntry: /],
    ['throw new Error("two\\nlines and \\x1b[2Jmore")', /Error: two\ntry: /],
    ['throw new Error("\\x1b[2J")', /Error: \\x1b\[2J\ntry: /],
    ['setTimeout(() => { throw new Error("late") }); await new Promise(() => {})', /Error: late\ntry: /],
    ['Promise.reject(new Error("alone")); await new Promise(() => {})', /Error: alone\ntry: /],
    ['({ toJSON() { throw new Error("no JSON") } })', /Error: no JSON\ntry: /],
  ])("%s: an error of the user's own is one line and a remedy", async (expression, expected) => {
    const { status, out, err } = await asJson(expression);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(new RegExp(`^error\\[SCRIPT\\]: ${expected.source}[^\\n]*\\n$`));
  });
});

test('output that cannot be written ends neither the script nor its exit status', async () => {
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  let failures = 0;
  output.on('error', () => failures++);
  const edits = new PendingEdits();
  const written: unknown[] = [];
  const note: Command = {
    ...(commandsOf(noSplice())[0] as Command),
    name: 'note',
    value: (x: unknown) => written.push(x),
  };
  const scripts = ['"x".repeat(1e6)', 'note(5)', '"x".repeat(1e6)', 'note(6)'].map((text) => ({ text }));
  const status = await runScripts(scripts, { commands: [note], output, errors: new PassThrough(), json: false, edits });
  expect({ status, written, failures }).toEqual({ status: 0, written: [5, 6], failures: 1 });
});

test('an edit that is not awaited is waited for, and its failure told', async () => {
  const { status, out, err } = await evaluate(`del('${KEY}'); 5`);
  expect({ status, out }).toEqual({ status: 1, out: '5\n' });
  expect(err).toMatch(/^error\[\w+\]: .*\ntry: .*\n$/);
});

describe('a file', () => {
  const file = (content: string) => run([{ text: content, file: 'a.js' }]);

  test('runs as a whole, with functions used before they are written', async () => {
    const script = `#!/usr/bin/env splice-repl
      const twice = await two();
      async function two() {
        return 2;
      }
      if (twice > 1)
      { console.log('more') }
      else
      { console.log('less') }
      [twice]
        .map((x) => x + 1)`;
    expect(await file(script)).toEqual({ status: 0, out: 'more\n[ 3 ]\n', err: '' });
  });

  test('runs nothing when its end is a mistake', async () => {
    expect((await file('console.log(1)\n)')).out).toBe('');
  });

  test('is named in an error, with the line', async () => {
    expect((await file('\n\nnothing()')).err).toContain('nothing is not defined (a.js, line 3)');
    expect((await file('await 1;\n\nnothing()')).err).toContain('nothing is not defined (a.js, line 3)');
    expect((await file('1;\n\n\n]\n')).err).toContain('(a.js, line 4)');
  });
});

describe('standard input', () => {
  test('prints the value of each statement', async () => {
    const { status, out } = await pipe('const a = [1, 2]\na\n\n(await Promise.resolve(a))\n  .map((x) => x * 3)\n7');
    expect({ status, out }).toEqual({ status: 0, out: '[ 1, 2 ]\n[ 3, 6 ]\n7\n' });
  });

  test('takes the lines of one statement together', async () => {
    const statement = 'function f(x) {\n  if (x) {\n    return 1\n  }\n  else {\n    return 2\n  }\n}\nf(\n0\n)\n';
    expect((await pipe(statement)).out).toBe('2\n');
  });

  test('commands in words, on any of their lines', async () => {
    const { status, out } = await pipe(`1\n\nrev ${KEY}\nconst a = 2\nhelp rev`);
    expect(status).toBe(0);
    expect(out).toMatch(/^1\n.*reverse\(key\)/s);
    expect(out).toContain(REVERSE);
  });

  test('names the line of an error, and runs nothing after it', async () => {
    const { status, out, err } = await pipe('1\n\nnothing()\n2');
    expect({ status, out }).toEqual({ status: 1, out: '1\n' });
    expect(err).toContain('nothing is not defined (stdin, line 3)');
  });

  test('must not end in the middle', async () => {
    expect(await pipe('1\nfunction f() {\n')).toMatchObject({ status: 1, out: '1\n' });
  });

  test('may be empty', async () => {
    expect(await pipe('')).toEqual({ status: 0, out: '', err: '' });
    expect(await pipe('\n\n')).toEqual({ status: 0, out: '', err: '' });
  });
});
