/** Whether a connection is spliced, in each direction, and if not, why: in sentences. */
import type { Entry, Mode, OpenSocket, Passes, SockKey, Verdict } from '../../core/index.ts';
import { PASS_REASONS } from '../../core/index.ts';
import { REASON_LABELS, totalPasses } from '../../view/columns.ts';
import { formatAge, formatBytes, formatCount } from '../../view/format.ts';
import { wrap } from '../../view/wrap.ts';
import { told } from '../values/told.ts';
import { RULES } from './rules.ts';

/** What is known of a connection at one moment. */
export interface Connection {
  readonly key: SockKey;
  /** The entries of both ends, as far as they have one. */
  readonly own: Entry | null;
  readonly peer: Entry | null;
  /** Who has an end open that has no entry. */
  readonly ownSockets: readonly OpenSocket[];
  readonly peerSockets: readonly OpenSocket[];
  /** What other programs at the same sockets do to the splice, in sentences; empty unless an end has no entry. */
  readonly neighbours: readonly string[];
  readonly mode: Mode;
  readonly bypass: boolean;
}

/** What holds for the whole splice. */
export type Switches = Pick<Connection, 'mode' | 'bypass'>;

/** What one end sends to the other. */
export interface Direction {
  readonly from: string;
  readonly to: string;
  /** Whether its last message was redirected, and its next one may be. */
  readonly spliced: boolean;
  /** What holds it back: the reason of its last message; `noEntry`, or `silent` when it sent none. Null: nothing. */
  readonly rule: Exclude<Verdict, 'redirect'> | 'noEntry' | 'silent' | null;
  /** How long it has been so, in milliseconds, as far as that is known. */
  readonly sinceMs: number | null;
  readonly redirects: number;
  readonly redirectBytes: number;
  readonly passes: Passes | null;
  /** Why, in sentences. */
  readonly why: string;
}

/** Both directions; prints as text. */
export interface Reasons {
  readonly key: string;
  readonly sends: Direction;
  readonly receives: Direction;
}

/** The answer to why(key), its lines at most `width` columns wide. */
export function explainConnection(connection: Connection, width?: number): Reasons {
  const { key, own, peer, ownSockets, peerSockets } = connection;
  const sends = direction(key, own, peer, ownSockets, peerSockets, connection);
  const receives = direction(key.reverse(), peer, own, peerSockets, ownSockets, connection);
  const paragraphs = [
    `${key}\n  own end   ${holder(own, ownSockets)}\n  peer end  ${holder(peer, peerSockets)}`,
    ...[sends, receives].map((one, index) => paragraph(index === 0 ? 'What it sends' : 'What it receives', one, width)),
  ];
  if (connection.neighbours.length > 0) paragraphs.push(beside(connection.neighbours, width));
  return told({ key: key.toString(), sends, receives }, paragraphs.join('\n\n'));
}

function beside(neighbours: readonly string[], width?: number): string {
  const texts = neighbours.map((text) => wrap(`${text[0]?.toUpperCase()}${text.slice(1)}.`, width, '  '));
  return ['Other programs at these sockets:', ...texts].join('\n');
}

function direction(
  from: SockKey,
  sender: Entry | null,
  receiver: Entry | null,
  senderSockets: readonly OpenSocket[],
  receiverSockets: readonly OpenSocket[],
  switches: Switches,
): Direction {
  const { rule, sinceMs } = judge(sender, switches);
  const why = [
    ...RULES[rule ?? 'redirect']({ from, sender, receiver, senderSockets, receiverSockets, switches }),
    ...queued(receiver),
  ];
  return {
    from: from.toString(),
    to: from.reverse().toString(),
    spliced: rule === null,
    rule,
    sinceMs,
    redirects: sender?.redirects ?? 0,
    redirectBytes: sender?.redirectBytes ?? 0,
    passes: sender?.passes ?? null,
    why: why.join(' '),
  };
}

function judge(sender: Entry | null, { bypass, mode }: Switches): Pick<Direction, 'rule' | 'sinceMs'> {
  if (sender === null) return { rule: 'noEntry', sinceMs: null };
  const { verdict, verdictMs, redirects, ageMs } = sender;
  if (bypass) return { rule: 'bypass', sinceMs: verdict === 'bypass' ? verdictMs : null };
  // The textbook program notes no verdict; whatever finds its peer is redirected.
  if (mode === 'naive' && sender.peer && redirects > 0) return { rule: null, sinceMs: null };
  if (verdict === null) return { rule: 'silent', sinceMs: ageMs };
  return { rule: verdict === 'redirect' ? null : verdict, sinceMs: verdictMs };
}

function queued(receiver: Entry | null): string[] {
  if (receiver === null || receiver.queuedBytes === 0) return [];
  return [
    `${formatBytes(receiver.queuedBytes)} that were redirected wait in the queue of ${receiver.key}, not read yet.`,
  ];
}

function holder(entry: Entry | null, [socket]: readonly OpenSocket[]): string {
  if (entry?.process) return `${entry.process.comm} (pid ${entry.process.pid})`;
  if (entry) return 'a process that is not known';
  return socket
    ? `no entry; ${socket.comm} (pid ${socket.pid}) has it open`
    : 'no entry, and no process here has it open';
}

function paragraph(title: string, direction: Direction, width?: number): string {
  const { spliced, rule, sinceMs, why } = direction;
  const holds = rule === null || rule === 'noEntry' || rule === 'silent' ? '' : ` (${REASON_LABELS[rule]})`;
  const since = sinceMs === null ? '' : `, for ${formatAge(sinceMs)}`;
  const state = spliced ? 'spliced' : rule === 'silent' ? 'nothing so far' : `not spliced${holds}`;
  return [`${title}: ${state}${since}.`, wrap(why, width, '  '), `  ${counters(direction)}`].join('\n');
}

function counters({ redirects, redirectBytes, passes }: Direction): string {
  if (passes === null) return 'Nothing is counted without an entry.';
  const reasons = PASS_REASONS.filter((reason) => passes[reason] > 0);
  const byReason = reasons.map((reason) => `${REASON_LABELS[reason]} ${formatCount(passes[reason])}`).join(', ');
  const passed = `${formatCount(totalPasses({ passes }))} by TCP${byReason && ` (${byReason})`}`;
  return `Messages: ${formatCount(redirects)} redirected (${formatBytes(redirectBytes)}), ${passed}.`;
}
