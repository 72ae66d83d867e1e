/** The prompt, driven through streams as a terminal would. */
import { constants, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { History } from '../../src/repl/history.ts';
import { KEY, REVERSE } from './no-splice.ts';
import { CTRL_C, PROMPT, Prompt } from './prompt.ts';

let prompt: Prompt;

beforeEach(async () => {
  prompt = new Prompt();
  await prompt.type('', PROMPT);
});

afterEach(() => prompt.leave());

test('says first that nothing is loaded, and how to go on', async () => {
  const other = new Prompt();
  const shown = await other.type('', PROMPT);
  expect(shown).toMatch(/^Nothing is loaded at .*: 'splice up' loads it\.\n.*help\(\).*\nsplice> $/);
  await other.leave();
});

test('prints values, awaits promises, keeps variables', async () => {
  expect(await prompt.enter(`reverse('${KEY}')`)).toBe(`${REVERSE}\n`);
  expect(await prompt.enter('const five = Promise.resolve(5)')).toBe('');
  expect(await prompt.enter('five')).toBe('5\n');
  expect(await prompt.enter('await five + 1')).toBe('6\n');
  expect(await prompt.enter('_ * 2')).toBe('12\n');
  expect(await prompt.enter("'5'")).toBe("'5'\n");
});

test('says once that a full disk does not remember, and prints the values all the same', async () => {
  const history = new History(openSync('/dev/full', constants.O_RDWR));
  const other = new Prompt({ history });
  await other.type('', PROMPT);
  expect(await other.enter('1000+1')).toMatch(/^What you type is no longer remembered: ENOSPC.*\n1001\n$/);
  expect(await other.enter('2000+2')).toBe('2002\n');
  await other.leave();
  history.close();
});

test('answers a mistake in two lines and goes on', async () => {
  expect(await prompt.enter('entries()')).toMatch(/^error\[NOT_LOADED\]: .*\ntry: .*\n$/);
  expect(await prompt.enter('entris()')).toMatch(
    /^error\[SCRIPT\]: ReferenceError: entris is not defined; did you mean 'entries'\?\ntry: entries; .*\n$/,
  );
  expect(await prompt.enter('Promise.reject(1)')).toMatch(/^error\[SCRIPT\]: thrown: 1\ntry: .*\n$/);
  expect(await prompt.enter('({ get [Symbol.toStringTag]() { throw 1 } })')).not.toMatch(/ {4}at /);
  expect(await prompt.enter('5')).toBe('5\n');
});

test('tells the failure of an edit that is not awaited', async () => {
  await prompt.type(`del('${KEY}'); 5\n`, PROMPT);
  expect(await prompt.waits(/try: .*\nsplice> $/)).toMatch(/splice> error\[\w+\]: .*\ntry: .*\nsplice> $/);
});

test('answers what is thrown later, on a line of its own', async () => {
  const shown = await prompt.type('setTimeout(() => { throw new Error("late") }, 20); 7\n', `thrown\n${PROMPT}`);
  expect(shown).toMatch(/\n7\nsplice> error\[SCRIPT\]: Error: late\ntry: .*\nsplice> $/);
});

test('goes on with a line that is not complete', async () => {
  await prompt.type('function add(a, b) {\n', '| ');
  await prompt.type('return a + b }\n', `\n${PROMPT}`);
  expect(await prompt.enter('add(2, 3)')).toBe('5\n');
});

test('pasted lines are answered in their order', async () => {
  const shown = await prompt.type('const p = 1\nPromise.resolve(p + 1)\np + 2\n', `3\n${PROMPT}`);
  expect(shown.match(/^\d$/gm)).toEqual(['2', '3']);
});

test('Tab completes', async () => {
  await prompt.type('rev\t', 'reverse');
  await prompt.type("('x').len\t", "('x').len");
  await prompt.type(CTRL_C, PROMPT);
});

test('Ctrl-C drops the input and never leaves', async () => {
  await prompt.type('entries(', 'entries(');
  await prompt.type(CTRL_C, `\n${PROMPT}`);
  for (let times = 0; times < 3; times++) expect(await prompt.type(CTRL_C, `\n${PROMPT}`)).toContain('Ctrl-D leaves');
  await prompt.type('function f() {\n', '| ');
  await prompt.type(CTRL_C, `\n${PROMPT}`);
  expect(await prompt.enter('5')).toBe('5\n');
  expect(prompt.left).toBe(false);
});

test.each(['await new Promise(() => {})', 'new Promise(() => {})'])('Ctrl-C ends %s', async (line) => {
  await prompt.type(`${line}\n`, `${line}\n`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await prompt.type(CTRL_C, PROMPT)).toBe(`interrupted\n${PROMPT}`);
  expect(await prompt.enter('5')).toBe('5\n');
});

test('.clear forgets variables, not the names', async () => {
  await prompt.enter('const five = 5');
  await prompt.enter('.clear');
  expect(await prompt.enter('five')).toContain('five is not defined');
  expect(await prompt.enter(`reverse('${KEY}')`)).toBe(`${REVERSE}\n`);
});

test('Ctrl-D leaves', async () => {
  await prompt.leave();
  expect(prompt.left).toBe(true);
});

test('a command in words is the same as its function', async () => {
  expect(await prompt.enter(`rev ${KEY}`)).toBe(`${REVERSE}\n`);
  expect(await prompt.enter('help rev')).toBe(await prompt.enter("help('reverse')"));
  expect(await prompt.enter('ls spliced')).toMatch(/^error\[NOT_LOADED\]: /);
  expect(await prompt.enter('const rev = 5')).toBe('');
  expect(await prompt.enter('rev')).toBe('5\n');
  expect(await prompt.enter(`rev ${KEY}`)).toMatch(/^error\[SCRIPT\]: SyntaxError/);
  expect(await prompt.enter(`reverse('${KEY}')`)).toBe(`${REVERSE}\n`);
  expect(await prompt.enter('mode = 7')).toBe('7\n');
  expect(await prompt.enter('mode')).toBe('7\n');
});

test('a bad key and a bad filter get a mark under the bad part', async () => {
  expect(await prompt.enter('rev 10.0.0.1:80->10.0.0.300:80')).toContain(
    '\n  10.0.0.1:80->10.0.0.300:80\n               ^^^^^^^^^^\ntry: ',
  );
  expect(await prompt.enter("entries('port=80 and prot=81')")).toContain(
    '\n  port=80 and prot=81\n              ^^^^\ntry: port=6379',
  );
  expect(await prompt.enter('rev \x1b[2J->10.0.0.2:80')).not.toContain('\x1b[2J');
});

test('a typo in a name, or in a method, is a question', async () => {
  expect(await prompt.enter('lokup')).toMatch(/lokup is not defined; did you mean 'lookup'\?\n/);
  expect(await prompt.enter('splice.entris()')).toMatch(/entris is not a function; did you mean 'entries'\?\n/);
  expect(await prompt.enter('const mine = 5; mien')).toMatch(/did you mean 'mine'\?/);
  expect(await prompt.enter('zzzzzz')).toMatch(/zzzzzz is not defined\ntry: help\(\)/);
});

test('the file of the user runs first; what is wrong in it is said, and the prompt goes on', async () => {
  const other = new Prompt({ startup: { text: 'const mine = await 41 + 1', file: '/home/x/repl.js' } });
  await other.waits(/splice> splice> $/);
  expect(await other.enter('mine')).toBe('42\n');
  await other.leave();
  const broken = new Prompt({ startup: { text: '\nnull.x', file: '/home/x/repl.js' } });
  expect(await broken.waits(/try: .*\nsplice> $/s)).toMatch(
    /error\[SCRIPT\]: TypeError: .*\(\/home\/x\/repl\.js,\s+line 2\)/,
  );
  expect(await broken.enter('6 * 7')).toBe('42\n');
  await broken.leave();
});
