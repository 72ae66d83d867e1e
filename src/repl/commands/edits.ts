/** Names that change the sockhash by hand. */
import { inspect } from 'node:util';
import { checkOptions, type DeleteOptions, type KeyInput, type SocketOwner, SockKey } from '../../core/index.ts';
import { formatBytes } from '../../view/format.ts';
import { fullMapText, isFull } from '../../view/full-map.ts';
import { currentLine } from '../interruption.ts';
import { putBack } from '../put-back.ts';
import { toldIn } from '../values/told.ts';
import { type Command, EXAMPLE_KEY, type Surroundings } from './command.ts';

export function editCommands({ splice, edits, journal, console }: Surroundings): Command[] {
  return [
    {
      name: 'del',
      aliases: ['rm'],
      usage: 'del(key, {force}?)',
      summary: 'removes an entry without losing a byte',
      details: `The flow is bypassed, its queue is read by the application, then the entry goes; the connection lives on
over TCP. A queue that nobody reads is an error that says how many bytes wait, after timeoutMs milliseconds.
{force: true} drops them. undo() puts the entry back. Without parentheses: rm KEY, or rm KEY force.`,
      example: `del('${EXAMPLE_KEY}')`,
      argument: 'key',
      options: ['force', 'timeoutMs'],
      words: (rest) => {
        const key = rest.replace(/\s+force$/, '');
        return key === rest ? [rest] : [key, { force: true }];
      },
      value: (key: KeyInput, options: DeleteOptions = {}) => {
        const wanted = SockKey.from(key);
        checkOptions('del', options, { force: 'boolean', timeoutMs: 'milliseconds', signal: 'signal' });
        const { signal } = currentLine();
        return edits.start(async () => {
          const found = splice.lookup(wanted);
          if (found) console.say(aboutToDelete(wanted, found.queuedBytes, options?.force === true));
          const report = await splice.del(wanted, { signal, ...options });
          const [socket] = splice.findSockets(wanted).filter(({ cookie }) => cookie === found?.cookie);
          const { lostBytes, notWoken = [] } = report;
          journal.note({
            what: `del('${wanted}')`,
            undo: () => putBack(splice, wanted, found?.cookie, currentLine().signal, lostBytes),
          });
          const again = socket
            ? `undo() puts it back; so does put('${wanted}', {pid: ${socket.pid}, fd: ${socket.fd}}).`
            : 'Its connection has ended, or nobody on this machine has it open: it cannot be put back.';
          return toldIn(
            report,
            [afterDelete(wanted, lostBytes), ...notWoken.map(afterMissing), again],
            console.width(),
          );
        });
      },
    },
    {
      name: 'put',
      aliases: ['add'],
      usage: 'put(key, {pid, fd})',
      summary: 'puts a socket of a running process under a key',
      details: `The socket is descriptor fd of process pid. It must be ESTABLISHED, have the addresses and ports of the
key, and be in no sockmap yet: that is looked at before the kernel is asked. It is redirected to once its
reader has consumed one message that came by TCP. Without parentheses: add KEY PID FD.`,
      example: `put('${EXAMPLE_KEY}', {pid: 812, fd: 7})`,
      argument: 'key',
      options: ['pid', 'fd'],
      result: 'entry',
      words: (rest) => {
        const [, key = rest, pid, fd] = /^(.*?)\s+(\d+)\s+(\d+)$/.exec(rest) ?? [];
        return pid === undefined ? [key] : [key, { pid: Number(pid), fd: Number(fd) }];
      },
      value: (key: KeyInput, socket: SocketOwner) => {
        const wanted = SockKey.from(key);
        checkOptions('put', socket, { pid: 'descriptor', fd: 'descriptor' }, ['pid', 'fd']);
        return edits.start(async () => {
          const entry = await splice.put(wanted, socket);
          journal.note({
            what: `put('${wanted}', ${inspect(socket)})`,
            undo: async () => {
              await splice.del(wanted, { signal: currentLine().signal });
              return `${wanted} was removed again, and no byte was lost.`;
            },
          });
          console.say(
            entry.peer
              ? 'Its peer redirects to it as soon as it has read one message that came by TCP. undo() removes it again.'
              : 'Its peer has no entry: nothing is redirected between the two. undo() removes it again.',
          );
          return entry;
        });
      },
    },
    {
      name: 'adopt',
      usage: 'adopt()',
      summary: 'takes in the connections that were there before the splice',
      details: `Those with both ends in the cgroups of the splice. Each direction is redirected once its reader has
consumed one message that came by TCP. Tells how many connections were adopted, and the keys of those that were not.
undo() removes the entries that it made.`,
      example: 'adopt()',
      value: () =>
        edits.start(async () => {
          const report = splice.adopt();
          const { adopted, keys, skipped, denied = [] } = report;
          if (adopted > 0) {
            journal.note({
              what: 'adopt()',
              undo: async () => {
                const { signal } = currentLine();
                const there = new Set(splice.entries({ owners: false }).map(({ key }) => key));
                const left = keys.filter((key) => there.has(key));
                for (const key of left) await splice.del(key, { signal });
                return `${left.length} entries that adopt() made were removed, and no byte was lost.`;
              },
            });
          }
          const status = splice.status();
          const isTooSmall = skipped.length > denied.length && status.loaded && isFull(status);
          const more = [
            ...(adopted > 0 ? ['Each end is redirected to once its reader has read one message by TCP.'] : []),
            ...skipped.map(
              (key) =>
                `not adopted: ${key}${denied.includes(key) ? ', whose process is reached only with CAP_SYS_PTRACE' : ''}`,
            ),
            ...(isTooSmall ? [`Note: ${fullMapText(status)}.`] : []),
            ...(adopted > 0 ? ['undo() removes them again.'] : []),
          ];
          return toldIn(
            report,
            [`${adopted} ${adopted === 1 ? 'connection was' : 'connections were'} adopted.`, ...more],
            console.width(),
          );
        }),
    },
    {
      name: 'undo',
      usage: 'undo()',
      summary: 'takes the last edit back',
      details: `Of del, put, adopt and mode at this prompt, the last one that was not taken back. Not possible: to bring
bytes back that {force: true} dropped, or an entry whose connection has ended. It says so then.`,
      example: "mode('bypass'); await undo()",
      value: () =>
        edits.start(async () => {
          const edit = journal.last();
          console.say(`Taking back ${edit.what}.`);
          const text = await edit.undo();
          journal.forget(edit);
          return toldIn({ undone: edit.what }, [text], console.width());
        }),
    },
  ];
}

function aboutToDelete(key: SockKey, queued: number, force: boolean): string {
  const waiting = queued === 0 ? 'Its queue is empty' : `${formatBytes(queued)} wait in its queue`;
  if (force) return `${waiting}: what waits is dropped, and the entry removed.`;
  return `From now on ${key.reverse()} sends to it by TCP. ${waiting}; when all is read, the entry goes.`;
}

function afterMissing(reader: string): string {
  return `The edge-triggered reader of ${reader}, may not notice bytes that wait until more come: CAP_SYS_PTRACE wakes it.`;
}

function afterDelete(key: SockKey, lostBytes: number): string {
  if (lostBytes === 0) return `${key} was removed, and no byte was lost: the connection goes on by TCP.`;
  return `${key} was removed, and ${lostBytes} bytes were LOST: what its reader gets from now on has a gap.`;
}
