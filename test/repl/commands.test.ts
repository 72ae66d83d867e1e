/** The names at the prompt, and the help of each. */
import { expect, test } from 'vitest';
import { SockKey } from '../../src/core/index.ts';
import { explain } from '../../src/repl/commands/help.ts';
import { commandsOf, KEY, noSplice, REVERSE } from './no-splice.ts';

type Runnable = { value: (...args: unknown[]) => unknown };

const commands = commandsOf(noSplice());
const named = (name: string) => commands.find((command) => command.name === name);
const call = (name: string, ...args: unknown[]) => (named(name) as Runnable).value(...args);

test('are the ones of the contract', () => {
  const reading = ['entries', 'lookup', 'peer', 'diff', 'watch', 'why', 'trace', 'bytes', 'key', 'reverse'];
  const names = [...reading, 'del', 'put', 'adopt', 'undo', 'mode', 'status', 'splice', 'help'];
  expect(commands.map((command) => command.name)).toEqual(names);
});

test.each(commands.map((command) => [command.name, command] as const))(
  '%s has help with an example',
  (name, command) => {
    for (const part of ['usage', 'summary', 'details', 'example'] as const)
      expect(command[part].trim(), part).not.toBe('');
    expect(command.usage).toMatch(new RegExp(`^${name}\\b`));
    expect(command.summary).not.toMatch(/\n|\.$/);
    expect(command.example).toContain(name);
    const text = String(call('help', name));
    expect(text).toContain(command.summary);
    expect(text).toContain(command.example);
    expect(text).toBe(explain(command).text);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  },
);

test('help() lists every name in 80 columns', () => {
  const lines = String(call('help')).split('\n');
  for (const { usage, summary } of commands) expect(lines).toContainEqual(expect.stringMatching(rowOf(usage, summary)));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

function rowOf(usage: string, summary: string): RegExp {
  const literal = (text: string) => text.replace(/[^\w ]/g, '\\$&');
  return new RegExp(`^${literal(usage)} +${literal(summary)}$`);
}

test('help() takes the name or what it stands for, and says which there are', () => {
  expect(call('help', named('reverse')?.value)).toEqual(call('help', 'reverse'));
  expect(() => call('help', 'delete')).toThrow(/no help on 'delete'/);
});

test('key and reverse read every form of a key', () => {
  const parts = { sip: '10.0.0.1', dip: '10.0.0.2', sport: 5000, dport: 80 };
  for (const form of [KEY, '0100000a0200000a8813000050000000', parts, SockKey.from(KEY)]) {
    expect(String(call('key', form))).toBe(KEY);
    expect(String(call('reverse', form))).toBe(REVERSE);
  }
  expect(() => call('reverse', '10.0.0.1:5000')).toThrow(/'->'/);
});

test('del and put refuse what they do not know before anything is done', () => {
  expect(() => call('del', KEY, { fore: true })).toThrow(/no option 'fore'/);
  expect(() => call('del', KEY, true)).toThrow(/the options of del are true/);
  expect(() => call('put', KEY, 812)).toThrow(/the options of put are 812/);
  expect(() => call('watch', '', { times: 0 })).toThrow(/times of watch is 0/);
});

test('nothing loaded is an answer of status() and an error of the others', async () => {
  expect(call('status')).toEqual({ loaded: false });
  expect(() => call('entries')).toThrow(expect.objectContaining({ code: 'NOT_LOADED' }));
  expect(() => call('mode')).toThrow(expect.objectContaining({ code: 'NOT_LOADED' }));
});
