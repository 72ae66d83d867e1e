/** Names that only compute: they need no privilege, no library and nothing loaded. */
import { type KeyInput, SockKey } from '../../core/index.ts';
import { type Command, EXAMPLE_KEY } from './command.ts';

export function keyCommands(): Command[] {
  return [
    {
      name: 'key',
      usage: 'key(text)',
      summary: 'reads a key',
      details: `A key is text with the socket's own end first, the 32 hex digits of its bytes in the map, or an object
{sip, dip, sport, dport}. The result has these four parts, .hex and .reverse().`,
      example: `key('${EXAMPLE_KEY}').hex`,
      argument: 'key',
      result: 'key',
      value: (text: KeyInput) => SockKey.from(text),
    },
    {
      name: 'reverse',
      aliases: ['rev'],
      usage: 'reverse(key)',
      summary: 'the same connection seen from its other end',
      details:
        'This is how a sender names its peer. Computed from the key alone: nothing is looked up. Without parentheses: rev KEY.',
      example: `reverse('${EXAMPLE_KEY}')`,
      argument: 'key',
      result: 'key',
      value: (key: KeyInput) => SockKey.from(key).reverse(),
    },
  ];
}
