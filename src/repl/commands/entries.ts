/** Names that read the sockhash. */
import type { Entry, KeyInput } from '../../core/index.ts';
import { inOrder } from '../../view/order.ts';
import { describeChanges } from '../answers/changes.ts';
import { type Selection, toTest } from '../select.ts';
import { EntryList } from '../values/entry-list.ts';
import { entryTable } from '../values/tables.ts';
import { type RepeatOptions, repeat } from '../watch.ts';
import { type Command, EXAMPLE_KEY, type Surroundings } from './command.ts';

export function entryCommands({ splice, console }: Surroundings): Command[] {
  let lastLook: { atMs: number; entries: readonly Entry[] } | null = null;
  const look = () => {
    const before = lastLook;
    lastLook = { atMs: performance.now(), entries: splice.entries() };
    return { before, now: lastLook };
  };
  /** Reads the filter first: a wrong one is no reason to look. */
  const select = (filter?: Selection) => {
    const test = toTest(filter);
    return () => {
      const { entries } = look().now;
      return EntryList.from(inOrder(filter === undefined ? entries : entries.filter(test))) as EntryList;
    };
  };
  return [
    {
      name: 'entries',
      aliases: ['ls'],
      usage: 'entries(filter?)',
      summary: 'the entries of the sockhash, as a table',
      details: `The filter is text, such as 'port=6379 and not spliced', or a function: e => e.redirects > 0. What comes
back is an array with more to it: .where(filter), .sortBy('redirects'), .top(5), .sum('redirectBytes') and
.groupBy('process') can be chained. Each entry has key, sip, dip, sport, dport, keyHex, cookie, state, peer,
redirects, redirectBytes, passes, queuedBytes, ageMs and process. Without parentheses: ls FILTER.`,
      example: "entries('spliced').sortBy('redirects').top(5)",
      argument: 'filter',
      result: 'entries',
      bare: true,
      value: (filter?: Selection) => select(filter)(),
    },
    {
      name: 'lookup',
      aliases: ['show'],
      usage: 'lookup(key)',
      summary: 'the entry under a key, or null',
      details: 'Tab after the opening quote offers the keys that are there. Without parentheses: show KEY.',
      example: `lookup('${EXAMPLE_KEY}')`,
      argument: 'key',
      result: 'entry',
      value: (key: KeyInput) => splice.lookup(key),
    },
    {
      name: 'peer',
      usage: 'peer(key)',
      summary: 'the entry under the reverse key, or null',
      details: `A message from the socket under the key is redirected to this entry. Null: it can only go by TCP. Without
parentheses: peer KEY.`,
      example: `peer('${EXAMPLE_KEY}')`,
      argument: 'key',
      result: 'entry',
      value: (key: KeyInput) => splice.peer(key),
    },
    {
      name: 'diff',
      usage: 'diff()',
      summary: 'what changed since the last look',
      details: `The last look is the last entries() or diff(). Says which connections are new and gone, and what each
sent meanwhile: .opened and .closed are entries, .changed has the differences.`,
      example: 'diff()',
      bare: true,
      value: () => {
        const { before, now } = look();
        return describeChanges(before, now, console.height());
      },
    },
    {
      name: 'watch',
      usage: 'watch(filter?)',
      summary: 'repeats the table in place until Ctrl-C',
      details: `Every second, unless {everyMs} says otherwise; {times} ends it by itself. The filter is that of entries(), and
the table is cut to the height of the terminal. Without parentheses: watch FILTER.`,
      example: "watch('not spliced', {times: 2, everyMs: 100})",
      argument: 'filter',
      options: ['everyMs', 'times'],
      bare: true,
      value: (filter?: Selection, options: RepeatOptions = {}) => {
        const selected = select(filter);
        return repeat(console, options, () => {
          const entries = selected();
          return console.json ? JSON.stringify(entries) : entryTable(entries, console.width(), console.height());
        });
      },
    },
  ];
}
