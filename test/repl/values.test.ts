/** Entries as a table and as a card, other values, and filters. */
import { describe, expect, test } from 'vitest';
import { type Entry, SockKey } from '../../src/core/index.ts';
import { Printer, type PrintOptions } from '../../src/repl/printer.ts';
import { type Selection, toTest } from '../../src/repl/select.ts';
import { plainTable } from '../../src/view/plain-table.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';
import { commandsOf, KEY, noSplice, REVERSE } from './no-splice.ts';

const there = anEntry({ keyHex: SockKey.from(KEY).hex, passes: { ...NO_PASSES, order: 1 } });
const back = anEntry({ sip: '10.0.0.2', dip: '10.0.0.1', sport: 80, dport: 5000, peer: false, process: null });
const entries = [there, back] as Entry[];

const commands = commandsOf(noSplice());

function print(value: unknown, options: Partial<PrintOptions> = {}): string | null {
  const none = () => undefined;
  const plain = { json: false, terminal: false, colors: false, width: none, height: none, commands };
  return new Printer({ ...plain, ...options }).format(value);
}

describe('printed', () => {
  test('entries are a table, in full or as wide as the terminal', () => {
    expect(print(entries)).toBe(plainTable(entries));
    const narrow = print(entries, { terminal: true, width: () => 60 }) ?? '';
    expect(narrow).toBe(plainTable(entries, 60));
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(narrow).toContain('10.0.0.1:5000');
  });

  test('what was made of entries is what it is', () => {
    expect(print(entries.slice(0, 1))?.split('\n')).toHaveLength(2);
    expect(print(entries.map((entry) => entry.redirects))).toBe('[ 23, 23 ]');
    expect(print([])).toBe('[]');
    expect(print([there, 5])).toMatch(/^\[/);
  });

  test('one entry is a card', () => {
    expect(print(there)).toBe(`${KEY}
  hex        0100000a0200000a8813000050000000
  own end    address 10.0.0.1, port 5000
  peer end   address 10.0.0.2, port 80
  reverse    ${REVERSE} (present)
  state      ESTABLISHED
  process    redis-server (pid 812)
  redirects  23 (1.4 KiB)
  passes     noPeer 0, order 1, backlog 0, pair 0, bypass 0
  queued     0 B
  age        1s
  cookie     4123`);
    expect(print(back)).toContain(`reverse    ${KEY} (not present)`);
    expect(print(back)).toContain('process    unknown');
  });

  test('text is quoted for a person only, a name is explained, undefined is nothing', () => {
    expect(print('5')).toBe('5');
    expect(print('5', { terminal: true })).toBe("'5'");
    expect(print('\x1b[2J', { terminal: true })).toBe("'\\x1B[2J'");
    expect(print(commands[0]?.value)).toContain(commands[0]?.example);
    expect(print(undefined)).toBeNull();
    expect(print(null)).toBe('null');
  });

  test('as JSON a value is one line', () => {
    const json = (value: unknown) => print(value, { json: true });
    expect(json(entries)).toBe(JSON.stringify(entries));
    expect(json(there)).toBe(JSON.stringify(there));
    expect(json(SockKey.from(KEY))).toBe(JSON.stringify(KEY));
    expect(json(new Map([['4123', { pid: 812 }]]))).toBe('{"4123":{"pid":812}}');
    expect(json(() => 5)).toBeNull();
  });
});

describe('a filter', () => {
  const selected = (selection?: Selection) => entries.filter(toTest(selection));

  test('is of the filter language', () => {
    expect(selected()).toEqual(entries);
    expect(selected('sport=5000')).toEqual([there]);
    expect(selected('redis')).toEqual([there]);
    expect(selected('10.0.0')).toEqual(entries);
    expect(() => selected('prot=80')).toThrow(expect.objectContaining({ code: 'BAD_FILTER' }));
    expect(() => selected('rate>5')).toThrow(/not known from one look/);
  });

  test('is a function of an entry', () => {
    expect(selected((entry) => !entry.peer)).toEqual([back]);
  });

  test('is nothing else', () => {
    expect(() => selected(6379 as never)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});
