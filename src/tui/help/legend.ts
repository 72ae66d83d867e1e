/** What the columns, the marks and the words of the live view mean. */
import type { PassReason } from '../../core/index.ts';
import type { ColumnName } from '../../view/columns.ts';

/** Each column by its title; those of both directions together. */
export const COLUMN_HELP: Record<Exclude<ColumnName, 'redirectsBack' | 'rateBack' | 'bytesBack'>, [string, string]> = {
  own: ['OWN END', 'the address and port of the socket'],
  link: ['-> -x <>', 'the peer has an entry; it has none; both ends in one row'],
  peer: ['PEER END', 'the address and port at the other side'],
  state: ['STATE', 'the state of the connection in TCP'],
  process: ['PROCESS', 'who has the socket open: process id and name'],
  cgroup: ['CGROUP', 'the cgroup, or the container, of that process'],
  redirects: ['REDIRECTS', 'messages it sent straight into the queue of its peer'],
  rate: ['RATE/s', 'redirects a second'],
  bytes: ['BYTES', 'how much it sent that way'],
  passes: ['PASSES', 'messages it sent by TCP although it has an entry'],
  reason: ['REASON', 'why most of them passed; see below'],
  queued: ['QUEUED', 'what was redirected to it and is not read yet'],
  p50: ['P50', 'half of the answers of its peer came within this time'],
  p99: ['P99', '99 of 100 did'],
  age: ['AGE', 'how long it has its entry'],
};

/** Why a message went by TCP; bpf/guarded.bpf.c has a function a rule. */
export const REASON_HELP: Record<PassReason, string> = {
  noPeer: 'the reverse key has no entry: the peer is remote, not spliced, or gone',
  order: 'bytes that went by TCP are not read yet; redirected ones would overtake them',
  backlog: 'the queue of the peer is full: TCP makes the sender wait',
  pair: 'the socket under the reverse key is not the other end of this connection',
  bypass: 'the switch is off, the entry is being drained, or it is leaving the map',
};

/** How a row looks, and what that means. */
export const MARK_HELP: readonly (readonly [mark: string, meaning: string])[] = [
  ['>', 'the row that is selected'],
  ['+', 'new: it has had its entry for a moment only'],
  ['*', 'it sent something since the last look'],
  ['-', 'gone a moment ago'],
  ['green', 'it redirects at the moment'],
  ['magenta', 'it sends by TCP at the moment'],
  ['dim', 'its peer has no entry'],
];
