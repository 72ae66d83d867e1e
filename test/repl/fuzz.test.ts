/** Whatever is typed: an answer, and never a crash or a stack trace. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete } from '../../src/repl/completion/complete.ts';
import { describeProblem } from '../../src/repl/problem.ts';
import { commandsOf, KEY, noSplice } from './no-splice.ts';
import { PROMPT, Prompt } from './prompt.ts';

const commands = commandsOf(noSplice());
const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
const pieces = fc.constantFrom(
  ...names,
  ...['(', ')', "'", '"', '{', '}', '[', ']', '.', ',', ' ', ' ', '=>', '=', '...', '!', '/', '\\', '`', '${'],
  ...[KEY, 'port=80', 'force: true', 'null', 'undefined', 'NaN', '1e9', '-1', 'Symbol()', '{}', '[]', 'new', 'await'],
  ...[
    'throw',
    'class',
    'Proxy',
    '__proto__',
    'constructor',
    'where',
    'sortBy',
    'top',
    'length',
    '\x1b[2J',
    '\u{1f600}',
  ],
);
const line = fc.array(pieces, { maxLength: 7 }).map((some) => some.join(''));
const STACK = /\n {4}at |\bnode:internal\b/;

/** Leaves the program, or the line as it is: nothing to try here. */
const LEAVES = /\.(exit|load|save|editor|break|clear|help)\b|process|watch|trace/;

test('at the prompt', async () => {
  const prompt = new Prompt();
  await prompt.type('', PROMPT);
  await fc.assert(
    fc.asyncProperty(line, async (typed) => {
      fc.pre(!LEAVES.test(typed));
      // Ctrl-C ends what is not complete; the last line tells that the prompt is there still.
      let shown = await prompt.type(`${typed}\n`, '');
      shown += await prompt.type('\x03', PROMPT);
      shown += await prompt.type('6 * 7\n', `42\n${PROMPT}`);
      expect(shown).not.toMatch(STACK);
      expect(prompt.left).toBe(false);
    }),
    { numRuns: 150 },
  );
  await prompt.leave();
}, 120_000);

test('on Tab', () => {
  const none = () => [];
  const sources = {
    commands,
    liveKeys: () => [KEY],
    modes: ['bypass'],
    globals: none,
    valueOf: none,
    dotCommands: none,
  };
  fc.assert(
    fc.property(fc.oneof(line, fc.string({ unit: 'binary' })), (typed) => {
      const [candidates, part] = complete(typed, sources);
      expect(typed.endsWith(part)).toBe(true);
      for (const candidate of candidates) expect(candidate.startsWith(part)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('whatever is thrown is told on two lines', () => {
  const nasty = {
    get message(): string {
      throw new Error('a getter');
    },
  };
  const thrown = fc.oneof(
    fc.anything(),
    fc.string({ unit: 'binary' }).map((text) => new Error(text)),
    fc.constantFrom(
      Object.assign(new Error('x'), { name: { toString: null } }),
      Object.assign(new Error('x'), { message: 5 }),
      Object.create(Error.prototype, Object.getOwnPropertyDescriptors(nasty)),
      Object.defineProperties(new Error('x'), Object.getOwnPropertyDescriptors(nasty)),
      new Proxy(new Error('x'), { get: () => nasty.message }),
      Object.create(null),
      Symbol('s'),
    ),
  );
  fc.assert(
    fc.property(thrown, (value) => {
      const text = describeProblem(value, { env: {}, names: () => names });
      expect(text).toMatch(/^error\[\w+\]: .*\ntry: .+$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    }),
    { numRuns: 500 },
  );
});
