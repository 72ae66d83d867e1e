/** What Tab offers for the line before the cursor. */
import { describe, expect, test } from 'vitest';
import { type CompletionSources, complete } from '../../src/repl/completion/complete.ts';
import { commandsOf, KEY, noSplice, REVERSE } from './no-splice.ts';

const splice = noSplice();
const sources: CompletionSources = {
  commands: commandsOf(splice),
  liveKeys: () => [KEY, REVERSE],
  modes: ['guarded', 'bypass'],
  globals: () => ['Array', 'console', 'reverse', 'revenue', 'rev', 'ls'],
  valueOf: (name) => (name === 'splice' ? splice : undefined),
  dotCommands: () => ['.exit', '.editor', '.help'],
};
const offered = (line: string) => complete(line, sources);

describe('names', () => {
  test.each([
    ['loo', ['lookup'], 'loo'],
    ['rev', ['revenue', 'reverse'], 'rev'],
    ['1 + re', ['revenue', 'reverse'], 're'],
    ['lookup(re', ['revenue', 'reverse'], 're'],
    ['help(`x`, con', ['console'], 'con'],
    ['.e', ['.editor', '.exit'], '.e'],
    ['nothing', [], 'nothing'],
  ])('%s', (line, candidates, part) => expect(offered(line)).toEqual([candidates, part]));

  test('an empty line offers ours, not the hundred globals', () => {
    expect(offered('')[0]).toEqual(sources.commands.map((command) => command.name).sort());
  });

  test("methods of splice are known, those of the user's objects are not looked at", () => {
    expect(offered('splice.ent')).toEqual([['entries'], 'ent']);
    expect(offered('splice.')[0]).toEqual(expect.arrayContaining(['del', 'entries', 'pin', 'status']));
    expect(offered('splice.')[0]).not.toContain('constructor');
    expect(offered('mine.ent')).toEqual([[], 'ent']);
    expect(offered('x.splice.ent')).toEqual([[], 'ent']);
  });
});

describe('arguments', () => {
  test.each(['lookup', 'peer', 'del', 'reverse'])('%s( offers live keys', (name) => {
    expect(offered(`${name}('`)).toEqual([[`${KEY}'`, `${REVERSE}'`], '']);
    expect(offered(`const a = ${name}( "10.0.0.2`)).toEqual([[`${REVERSE}"`], '10.0.0.2']);
    expect(offered(`${name}('10.0.0.2:80->`)).toEqual([[`${REVERSE}'`], '10.0.0.2:80->']);
    expect(offered(`${name}('${KEY}`)).toEqual([[`${KEY}'`], KEY]);
  });

  test('help( offers names, mode( modes', () => {
    expect(offered("help('rev")).toEqual([["reverse'"], 'rev']);
    expect(offered("mode('")).toEqual([["bypass'", "guarded'"], '']);
  });

  test.each(["status('", "f('", "'", "del('a', 'b", "x + 'rev", '`loo', "'it\\'s` loo"])(
    '%s offers nothing',
    (line) => {
      expect(offered(line)[0]).toEqual([]);
    },
  );

  test('after a finished text, names are offered again', () => {
    expect(offered('f(\'a\', "b") || loo')).toEqual([['lookup'], 'loo']);
  });
});

describe('of 64 000 keys', () => {
  const keys = Array.from({ length: 64_000 }, (_, index) => `10.0.0.1:${1000 + index}->10.0.0.2:80`);
  const many = (line: string) => complete(line, { ...sources, liveKeys: () => keys });

  test('a hundred are shown, and have in common only what all have', () => {
    const [candidates] = many("lookup('10");
    expect(candidates).toHaveLength(100);
    expect(commonStart(candidates)).toBe(commonStart(keys));
  });

  test('what is typed narrows them down', () => {
    expect(many("lookup('10.0.0.1:6123-")[0]).toEqual(["10.0.0.1:6123->10.0.0.2:80'"]);
  });

  function commonStart(texts: string[]): string {
    const [first = '', last = ''] = [texts.toSorted()[0], texts.toSorted().at(-1)];
    let length = 0;
    while (length < first.length && first[length] === last[length]) length++;
    return first.slice(0, length);
  }
});

test('nothing of the user is called', () => {
  const trap = new Proxy(() => {}, {
    get: () => expect.fail('a property was read'),
    apply: () => expect.fail('it was called'),
  });
  const commands = [...sources.commands, { ...sources.commands[0], name: 'trap', value: trap } as never];
  for (const line of ['trap', 'trap.', 'trap.a', 'trap(', "trap('", 'trap().'])
    complete(line, { ...sources, commands });
});

describe('what comes after a dot', () => {
  test('of lists, groups, entries and keys, without looking at any', () => {
    const first = (line: string) => offered(line)[0];
    expect(first('entries().')).toEqual(expect.arrayContaining(['where', 'sortBy', 'top', 'sum', 'groupBy', 'length']));
    expect(first("entries('a(b').where(x => x.f(')')).")).toContain('groupBy');
    expect(first("ls().groupBy('comm').")).toEqual(expect.arrayContaining(['sortBy', 'top']));
    expect(first("ls().groupBy('comm').")).not.toContain('where');
    expect(first(`lookup('${KEY}').re`)).toEqual(['redirectBytes', 'redirects']);
    expect(first(`reverse('${KEY}').`)).toEqual(expect.arrayContaining(['hex', 'reverse', 'sip']));
    for (const line of ['status().', 'f().', "entries().sum('x').", 'a[0].', '"x".', '5.'])
      expect(first(line)).toEqual([]);
  });

  test("of the user's own, only what is plain data: no getter is run, no proxy asked", () => {
    const trap = () => expect.fail('it was run');
    class Mine {
      field = { deep: 1 };
      get bad(): unknown {
        return trap();
      }
      method() {
        trap();
      }
    }
    const values: Record<string, unknown> = {
      mine: new Mine(),
      proxy: new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap }),
      heir: Object.create(new Proxy({}, { ownKeys: trap, getPrototypeOf: trap })),
    };
    const own = (line: string) => complete(line, { ...sources, valueOf: (name) => values[name] })[0];
    expect(own('mine.')).toEqual(['bad', 'field', 'method']);
    expect(own('mine.field.')).toEqual(['deep']);
    for (const line of ['mine.bad.', 'proxy.', 'proxy.a.', 'heir.', 'heir.a.', 'none.']) expect(own(line)).toEqual([]);
  });
});

describe('without parentheses', () => {
  test.each([
    ['show 10.0.0.2', [REVERSE], '10.0.0.2'],
    ['why ', [KEY, REVERSE], ''],
    ['mode by', ['bypass'], 'by'],
    ['help reverse', ['reverse'], 'reverse'],
    ['ls redirectB', ['redirectBytes='], 'redirectB'],
    ['ls port=80 and (com', ['comm='], 'com'],
    ['watch state=CLOSE_', ['state=CLOSE_WAIT'], 'state=CLOSE_'],
    ['ls = re', ['revenue', 'reverse'], 're'],
    ['const show = re', ['revenue', 'reverse'], 're'],
  ])('%s', (line, candidates, part) => expect(offered(line)).toEqual([candidates, part]));

  test('options and fields', () => {
    expect(offered(`del('${KEY}', {`)).toEqual([['force: ', 'timeoutMs: '], '']);
    expect(offered(`del('${KEY}', {force: true, time`)).toEqual([['timeoutMs: '], 'time']);
    expect(offered("watch('port=80', {t")).toEqual([['times: '], 't']);
    expect(offered("entries().sortBy('redirectB")).toEqual([["redirectBytes'"], 'redirectB']);
    expect(offered("entries('state=")[0]).toContain('state=ESTABLISHED');
    expect(offered("entries().where('spl")).toEqual([['spliced'], 'spl']);
  });
});
