/** Names that explain one connection. */
import { checkOptions, type KeyInput, type Mode, SockKey, type Status } from '../../core/index.ts';
import { describeBytes } from '../answers/bytes.ts';
import { traceMessages } from '../answers/trace.ts';
import { explainConnection } from '../answers/why.ts';
import { currentLine } from '../interruption.ts';
import { type Command, EXAMPLE_KEY, type Surroundings } from './command.ts';

export function answerCommands({ splice, console }: Surroundings): Command[] {
  return [
    {
      name: 'why',
      usage: 'why(key)',
      summary: 'is it spliced, and if not, what holds it back',
      details: `In sentences, for both directions: spliced or not, which rule holds it back, since when, and the counters
behind it. The result has .sends and .receives, each with spliced, rule, sinceMs and the counters. Without
parentheses: why KEY.`,
      example: `why('${EXAMPLE_KEY}')`,
      argument: 'key',
      value: (input: KeyInput) => {
        const key = SockKey.from(input);
        const entries = splice.entries();
        const status = splice.status();
        const [wanted, reversed] = [key.toString(), key.reverse().toString()];
        const own = entries.find((entry) => entry.key === wanted) ?? null;
        const peer = entries.find((entry) => entry.key === reversed) ?? null;
        const ownSockets = own ? [] : splice.findSockets(key);
        const peerSockets = peer ? [] : splice.findSockets(key.reverse());
        const neighbours = own && peer ? [] : splice.neighbours();
        return explainConnection(
          { key, own, peer, ownSockets, peerSockets, neighbours, ...switches(status) },
          console.width(),
        );
      },
    },
    {
      name: 'trace',
      usage: 'trace(key)',
      summary: 'the messages of a connection, live until Ctrl-C',
      details: `Of both ends: size, whether it was redirected or went by TCP and why, and for an answer how long after the
message before it. {times} ends it by itself; it also ends when the connection is closed. Without parentheses:
trace KEY.`,
      example: `trace('${EXAMPLE_KEY}', {times: 3})`,
      argument: 'key',
      options: ['times'],
      value: (input: KeyInput, options: { times?: number } = {}) => {
        const key = SockKey.from(input);
        const { times = Number.POSITIVE_INFINITY } = checkOptions('trace', options, { times: 'count' });
        currentLine().isTheEnd = true;
        return traceMessages(splice, key, times, console);
      },
    },
    {
      name: 'bytes',
      usage: 'bytes(key)',
      summary: 'the bytes of a key in the map, in both byte orders',
      details: `Which bytes are which field, the number they are in host order, what the kernel had in network order, and
what the programs take them from. Needs no splice. Without parentheses: bytes KEY.`,
      example: `bytes('${EXAMPLE_KEY}')`,
      argument: 'key',
      value: (key: KeyInput) => describeBytes(key, console.width()),
    },
  ];
}

/** Taken down between two looks, it redirects nothing. */
function switches(status: Status): { mode: Mode; bypass: boolean } {
  return status.loaded ? status : { mode: 'guarded', bypass: true };
}
