/** The prompt, driven through streams as a terminal would. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCommands } from '../../src/repl/commands/index.ts';
import { EditJournal } from '../../src/repl/edit-journal.ts';
import { PendingEdits } from '../../src/repl/pending-edits.ts';
import type { Script } from '../../src/repl/script.ts';
import { runSession } from '../../src/repl/session.ts';
import { terminalConsole } from '../../src/repl/terminal-console.ts';
import { eventually, KEY, noSplice, REVERSE } from './no-splice.ts';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const PROMPT = 'splice> ';

/** A terminal of 100 columns, without a screen: what was written is kept as it came. */
class Prompt {
  readonly #input = new PassThrough();
  readonly #output = Object.assign(new PassThrough(), { columns: 100 });
  readonly #ended: Promise<void>;
  #shown = '';
  left = false;

  constructor(startup: Script | null = null) {
    this.#output.setEncoding('utf8').on('data', (text: string) => {
      // Escapes move the cursor; the text between them is what is asserted.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
      this.#shown += text.replace(/\x1b\[[\d;]*[A-Za-z]/g, '').replaceAll('\r', '');
    });
    const splice = noSplice();
    const streams = { input: this.#input, output: this.#output };
    const edits = new PendingEdits();
    const console = terminalConsole(this.#output, false);
    const commands = createCommands({ splice, edits, journal: new EditJournal(), console });
    const session = { splice, commands, edits, console, json: false, colors: false, history: null, startup };
    this.#ended = runSession({ ...session, ...streams }).then(() => {
      this.left = true;
    });
  }

  /** Types, and gives what is shown from then on until `expected` is, at its end. */
  async type(keys: string, expected: string): Promise<string> {
    if (keys !== '') this.#shown = '';
    this.#input.write(keys);
    await eventually(
      () => this.#shown.endsWith(expected),
      () => this.#shown,
    );
    return this.#shown;
  }

  /** Waits until what is shown since the last keys matches. */
  async waits(expected: RegExp): Promise<string> {
    await eventually(
      () => expected.test(this.#shown),
      () => this.#shown,
    );
    return this.#shown;
  }

  /** Enters a line, and gives the answer that comes before the next prompt. */
  async enter(line: string): Promise<string> {
    const shown = await this.type(`${line}\n`, `\n${PROMPT}`);
    return shown.slice(shown.indexOf(`${line}\n`) + line.length + 1, -PROMPT.length);
  }

  async leave(): Promise<void> {
    if (!this.left) this.#input.write(CTRL_D);
    await this.#ended;
  }
}

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
