/** Names that change the sockhash by hand. */
import { inspect } from 'node:util';
import { type DeleteOptions, type KeyInput, type Splice, SpliceError } from '../../core/index.ts';
import type { PendingEdits } from '../pending-edits.ts';
import { type Command, EXAMPLE_KEY } from './command.ts';

export function editCommands(splice: Splice, edits: PendingEdits): Command[] {
  return [
    {
      name: 'del',
      usage: 'del(key, {force}?)',
      summary: 'removes an entry without losing a byte',
      details: `The flow is bypassed, its queue is read by the application, then the entry goes; the connection lives on
over TCP. A queue that nobody reads is an error that says how many bytes wait. {force: true} drops them.`,
      example: `del('${EXAMPLE_KEY}')`,
      argument: 'key',
      value: (key: KeyInput, options?: DeleteOptions) => {
        const checked = checkOptions(options);
        return edits.start(() => splice.del(key, checked));
      },
    },
    {
      name: 'put',
      usage: 'put(key, {pid, fd})',
      summary: 'puts a socket of a running process under a key',
      details: `The socket is descriptor fd of process pid. It must be ESTABLISHED and not in a sockmap yet. It redirects
again once its reader has consumed one message that came by TCP.`,
      example: `put('${EXAMPLE_KEY}', {pid: 812, fd: 7})`,
      argument: 'key',
      value: (key: KeyInput, socket: SocketOwner) => {
        const checked = checkOwner(socket);
        return edits.start(() => splice.put(key, checked));
      },
    },
    {
      name: 'adopt',
      usage: 'adopt()',
      summary: 'takes in the connections that were there before the splice',
      details: `Those with both ends in the cgroups of the splice. Each direction is redirected once its reader has
consumed one message that came by TCP. Tells how many connections were adopted, and the keys of those that were not.`,
      example: 'adopt()',
      value: () => edits.start(async () => splice.adopt()),
    },
  ];
}

type SocketOwner = { pid: number; fd: number };

/** A mistyped option must not turn a removal that was meant to be forced into one that waits. */
function checkOptions(options: unknown): DeleteOptions {
  const known = ['force', 'timeoutMs'];
  if (options === undefined) return {};
  if (isObject(options) && Object.keys(options).every((name) => known.includes(name))) return options;
  throw wrong(`the options of del are {force, timeoutMs}, not ${inspect(options)}`, 'del(key, {force: true})');
}

function checkOwner(socket: unknown): SocketOwner {
  if (isObject(socket)) return socket as SocketOwner;
  throw wrong(`put needs {pid, fd}, not ${inspect(socket)}`, 'put(key, {pid: 812, fd: 7})');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function wrong(message: string, remedy: string): SpliceError {
  return new SpliceError('BAD_OPTION', message, remedy);
}
