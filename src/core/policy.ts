/** Which connections stay out of the map: the ports and process names that a user gives, checked. */
import { SpliceError } from './errors.ts';
import { checkOptions } from './options.ts';
import { asText, printable } from './printable.ts';

/**
 * A policy. Port rules are for either end of a connection; where two rules meet, exclusion holds. A
 * process counts by the name it has when it calls listen(2) or connect(2). What `put` is told to put in goes in.
 */
export interface Policy {
  /** Only connections with one of these ports are spliced; empty: those with any. */
  ports: number[];
  /** Connections with one of these ports are not spliced. */
  excludePorts: number[];
  /** Nor those with a process of such a name at either end: what `ps -o comm` shows. DEFAULT_EXCLUDED unless given. */
  excludeComms: string[];
  /**
   * `leave`: a connection goes back to TCP as soon as a reader of it is seen asleep in recv(), where a signal,
   * a debugger or a frozen container ends the call with EAGAIN. `stay` unless given.
   */
  blockingReaders: BlockingReaders;
}

/** What becomes of connections whose readers sleep in recv(). */
export const BLOCKING_READERS = ['stay', 'leave'] as const;
export type BlockingReaders = (typeof BLOCKING_READERS)[number];

/**
 * They lose bytes when their peer closes: they read sockets by splice(2), which does not see redirected bytes; stunnel takes
 * FIONREAD's 0 behind the peer's FIN for the end, and it counts one kind of bytes.
 */
export const DEFAULT_EXCLUDED: readonly string[] = [
  'docker-proxy',
  'haproxy',
  'stunnel',
  'stunnel4',
  'systemd-socket-',
];

const HIGHEST_PORT = 65_535;
/** The kernel keeps this much of a process's name (TASK_COMM_LEN without its end). */
const COMM_BYTES = 15;
/** MAX_RULES in bpf/policy.h, but for the two that are neither a port nor a name. */
const MOST_RULES = 16_382;

/**
 * Checks what a user gives; sorted, and each thing once.
 * @throws SpliceError BAD_OPTION naming the bad part
 */
export function checkPolicy(wanted: Partial<Policy>): Policy {
  checkOptions('a policy', wanted, {
    ports: 'list',
    excludePorts: 'list',
    excludeComms: 'list',
    blockingReaders: 'any',
  });
  const { ports = [], excludePorts = [], excludeComms = DEFAULT_EXCLUDED, blockingReaders = 'stay' } = wanted;
  for (const port of ports) checkPort(port, '--port');
  for (const port of excludePorts) checkPort(port, '--exclude-port');
  for (const comm of excludeComms) checkComm(comm);
  if (!BLOCKING_READERS.includes(blockingReaders)) {
    throw bad(
      `'${printable(asText(blockingReaders))}' in --blocking-readers is neither stay nor leave`,
      '--blocking-readers leave',
    );
  }
  const both = ports.find((port) => excludePorts.includes(port));
  if (both !== undefined) {
    throw bad(`port ${both} is in both --port and --exclude-port`, 'it in one of them');
  }
  const lists = { ports: sorted(ports), excludePorts: sorted(excludePorts), excludeComms: sorted(excludeComms) };
  const policy = { ...lists, blockingReaders };
  const rules = policy.ports.length + policy.excludePorts.length + policy.excludeComms.length;
  if (rules > MOST_RULES) throw bad(`${rules} ports and names: there is room for ${MOST_RULES}`, 'fewer of them');
  return policy;
}

/**
 * What bpf/policy.h asks of a new connection, for one that exists already.
 * @param comms the names of the processes that have either end open
 */
export function isInScope(policy: Policy, ports: readonly number[], comms: readonly string[]): boolean {
  const { excludePorts, excludeComms } = policy;
  if (ports.some((port) => excludePorts.includes(port)) || comms.some((comm) => excludeComms.includes(comm))) {
    return false;
  }
  return policy.ports.length === 0 || ports.some((port) => policy.ports.includes(port));
}

/** Whether two policies that were checked say the same. */
export function isSamePolicy(one: Policy, other: Policy): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function checkPort(port: unknown, option: string): void {
  if (Number.isInteger(port) && (port as number) >= 1 && (port as number) <= HIGHEST_PORT) return;
  throw bad(
    `'${printable(asText(port))}' in ${option} is not a port: a whole number from 1 to ${HIGHEST_PORT}`,
    `${option} 8080`,
  );
}

function checkComm(comm: unknown): void {
  const text = asText(comm);
  const shown = `'${printable(text)}' in --exclude-comm is not a process name`;
  if (typeof comm !== 'string' || text === '' || text.includes('\0')) throw bad(shown, '--exclude-comm nginx');
  if (Buffer.byteLength(text) <= COMM_BYTES) return;
  throw bad(
    `${shown}: the kernel keeps ${COMM_BYTES} bytes of one, and this has ${Buffer.byteLength(text)}`,
    `the name as 'ps -o comm' shows it: '${printable(beginning(text))}'`,
  );
}

/** As much of a long name as the kernel keeps, cut between characters. */
function beginning(text: string): string {
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > COMM_BYTES) break;
    kept += character;
  }
  return kept;
}

function sorted<T extends number | string>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
}

function bad(what: string, remedy: string): SpliceError {
  return new SpliceError('BAD_OPTION', what, remedy);
}
