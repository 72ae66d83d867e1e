/** What each rule says when it holds a message back, in sentences; docs/safety.md has the reasons. */
import type { Entry, OpenSocket, SockKey } from '../../core/index.ts';
import type { Direction, Switches } from './why.ts';

/** One direction, as a rule looks at it. */
interface Facts {
  readonly from: SockKey;
  readonly sender: Entry | null;
  readonly receiver: Entry | null;
  /** Who has the ends open that have no entry. */
  readonly senderSockets: readonly OpenSocket[];
  readonly receiverSockets: readonly OpenSocket[];
  readonly switches: Switches;
}

type Rule = (facts: Facts) => string[];

const IN_ANOTHER_SOCKMAP = [
  'The socket is in the sockmap of another program, or of another splice, and runs its SK_MSG program: it can run only one.',
  "'bpftool map' and 'bpftool prog' list them. Connections made after that program has gone get an entry.",
];

function whyNoEntry(from: SockKey, socket: OpenSocket | undefined): readonly string[] {
  if (!socket) return ['It is not on this machine, or its connection is closed.'];
  if (socket.isTaken) return IN_ANOTHER_SOCKMAP;
  return [
    'It may be older than the splice, kept out (status() counts why), or it was deleted; or it was better off',
    'with TCP, and left by itself.',
    `adopt() takes it in where that is allowed; put('${from}', {pid: ${socket.pid}, fd: ${socket.fd}}) in any case.`,
  ];
}

export const RULES: Readonly<Record<NonNullable<Direction['rule']> | 'redirect', Rule>> = {
  redirect: ({ switches }) => [
    "Its last message went straight into its peer's queue, past TCP.",
    ...(switches.mode === 'naive' ? ['The textbook program redirects whatever has a peer, unread bytes or not.'] : []),
  ],
  silent: ({ receiver }) => [
    'It has sent no message since it has its entry.',
    receiver
      ? 'Its peer has one too: the next message can be redirected.'
      : 'Its peer has none: the next one goes by TCP.',
  ],
  noEntry: ({ from, senderSockets: [socket] }) => [
    `${from} has no entry, so no program of ours sees what it sends: all of it goes by TCP.`,
    ...whyNoEntry(from, socket),
  ],
  noPeer: ({ from, receiver, receiverSockets: [socket] }) => {
    const first = `Its last message found no entry under the reverse key, ${from.reverse()}.`;
    if (receiver) return [first, 'There is one now: its next message can be redirected.'];
    if (!socket) return [first, 'Its peer is on another machine, or its connection is closed.'];
    const peer = `Its peer is here, ${socket.comm} (pid ${socket.pid})`;
    if (socket.isTaken) return [first, `${peer}.`, ...IN_ANOTHER_SOCKMAP];
    return [
      first,
      `${peer}, but older than the splice, in no cgroup of it, kept out (status() counts why), or deleted;`,
      'or it was better off with TCP, and left by itself.',
    ];
  },
  order: () => [
    'The order rule: its peer has not yet read all that went by TCP, or sleeps in a read that redirected bytes do not wake.',
    'A redirected message would overtake those bytes. It is redirected again once they are read; an adopted socket must',
    'first read one message by TCP.',
  ],
  backlog: () => [
    "The backpressure rule: its peer's queue is full, since it does not read as fast as this end sends.",
    "TCP's window holds the sender back until the reader has caught up.",
  ],
  pair: ({ from }) => [
    `The pair rule: the socket under ${from.reverse()} is not the other end of this connection, for instance of`,
    'another network namespace with the same addresses; or one of the two encrypts (kTLS).',
  ],
  bypass: ({ switches }) =>
    switches.bypass
      ? [
          'Redirection is off for the whole splice: every message goes by TCP, and nothing was removed.',
          `mode('${switches.mode}') turns it on again.`,
        ]
      : [
          'Redirection was off for its last message, or its peer was being removed: then the next one can be redirected.',
          'Or it is better off with TCP, and is leaving the map by itself.',
        ],
};
