/** Names that read the sockhash. */
import type { KeyInput, Splice } from '../../core/index.ts';
import { type Selection, toTest } from '../select.ts';
import { type Command, EXAMPLE_KEY } from './command.ts';

export function entryCommands(splice: Splice): Command[] {
  return [
    {
      name: 'entries',
      usage: 'entries(filter?)',
      summary: 'the entries of the sockhash, as a table',
      details: `The filter is text, such as 'port=6379 and not spliced', or a function of an entry: e => e.redirects > 0. The
result is an array: each entry has key, sip, dip, sport, dport, keyHex, cookie, state, peer, redirects,
redirectBytes, passes, queuedBytes, ageMs and process.`,
      example: "entries('port=6379 and not spliced')",
      value: (filter?: Selection) => {
        const test = toTest(filter);
        return splice.entries().filter((entry) => test(entry));
      },
    },
    {
      name: 'lookup',
      usage: 'lookup(key)',
      summary: 'the entry under a key, or null',
      details: 'Tab after the opening quote offers the keys that are there.',
      example: `lookup('${EXAMPLE_KEY}')`,
      argument: 'key',
      value: (key: KeyInput) => splice.lookup(key),
    },
    {
      name: 'peer',
      usage: 'peer(key)',
      summary: 'the entry under the reverse key, or null',
      details: 'A message from the socket under the key is redirected to this entry. Null: it can only go by TCP.',
      example: `peer('${EXAMPLE_KEY}')`,
      argument: 'key',
      value: (key: KeyInput) => splice.peer(key),
    },
  ];
}
