/** Events as people read them. */
import {
  KEPT_OUT_REASONS,
  type KeptOut,
  type KeptOutReason,
  type LeaveReason,
  type SpliceEvent,
} from '../core/index.ts';
import { REASON_LABELS } from './columns.ts';
import { formatBytes, formatCount } from './format.ts';

/** Why a connection left the map by itself, in a few words. */
export const LEAVE_LABELS: Readonly<Record<LeaveReason, string>> = {
  fallbacks: 'kept falling back',
  smallMessages: 'streams small messages',
  edgeTriggered: 'its reader is edge-triggered',
  options: 'a socket option that only TCP honours',
  sleepers: 'readers sleep in recv()',
};

/** Why an end of a new connection got no entry, in a few words. */
const KEPT_OUT_LABELS: Readonly<Record<KeptOutReason, string>> = {
  policy: 'the policy',
  full: 'no room',
  keyTaken: 'key taken',
  otherSockmap: 'in another sockmap',
  crowd: 'crowded bucket',
  options: 'socket options',
  reused: 'socket used again',
};

/** How many ends of connections got no entry, and why: `the policy 3, no room 1`; empty when none. */
export function describeKeptOut(counts: KeptOut): string {
  const reasons = KEPT_OUT_REASONS.filter((reason) => counts[reason] > 0);
  return reasons.map((reason) => `${KEPT_OUT_LABELS[reason]} ${formatCount(counts[reason])}`).join(', ');
}

/** What happened, in a few words: `fell back to TCP: order`. */
export function eventText({ type, reason, leaveReason, keptOutReason, bytes, turnaroundUs }: SpliceEvent): string {
  const why = reason === null ? '' : REASON_LABELS[reason];
  switch (type) {
    case 'opened':
      return 'opened';
    case 'firstRedirect':
      return 'first redirect';
    case 'fellBack':
      return `fell back to TCP: ${why}`;
    case 'backToRedirect':
      return 'redirects again';
    case 'closed':
      return reason === null ? 'closed' : 'left: its peer is not local';
    case 'left':
      return `left the map, goes on by TCP${leaveReason === null ? '' : `: ${LEAVE_LABELS[leaveReason]}`}`;
    case 'keptOut':
      return `kept out of the map: ${keptOutReason === null ? 'unknown' : KEPT_OUT_LABELS[keptOutReason]}`;
    case 'message': {
      const size = bytes === null ? '' : `, ${formatBytes(bytes)}`;
      const after = turnaroundUs === null ? '' : `, ${turnaroundUs.toFixed(1)} µs after its peer's`;
      return `message ${reason === null ? 'redirected' : `by TCP: ${why}`}${size}${after}`;
    }
  }
}

/** The time of day, to the millisecond, in the local time zone: `13:04:05.678`. */
export function eventTime({ atMs }: SpliceEvent): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = `${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return `${two(at.getHours())}:${two(at.getMinutes())}:${seconds}`;
}
