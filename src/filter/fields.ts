/** What a filter can ask about, for the parser, for help and for completion. */
import { PASS_REASONS, TCP_STATES } from '../core/index.ts';
import { address, type Kind, number, oneOf, text } from './kinds.ts';
import type { FilterRow, Test } from './row.ts';
import { BYTES, COUNTS, MICROSECONDS, MILLISECONDS, TIMES, WHOLE } from './units.ts';
import { hasPeer, isSpliced, isStuck } from './words.ts';

interface Described {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** A filter with it. */
  readonly example: string;
  /** One look at the maps does not tell it: it comes from watching, or from elsewhere. */
  readonly live: boolean;
  /** What it is compared with, where there are only so many. */
  readonly values: readonly string[];
}

/** A word that stands alone, or a field that is compared. */
export type FilterField = Described & ({ readonly test: Test } | { readonly kind: Kind });

/** TCP states as `ss` abbreviates the longest. */
const STATES: readonly string[] = TCP_STATES.slice(1);
const SHORT_STATES = new Map([['ESTAB', 'ESTABLISHED']]);

const PORTS = number(WHOLE, 'a number from 0 to 65535', 65_535);
const COUNT = number(COUNTS, 'a number, as in 1500 or 1.5k');
const SIZE = number(BYTES, 'a number of bytes, as in 1500 or 64K');
const TIME = number(TIMES, 'a time, as in 5s, 250ms or 2h');
const TIME_MS = number(MILLISECONDS, 'a time in milliseconds, or with a unit, as in 5s');
const TURNAROUND = number(MICROSECONDS, 'a time in microseconds, or with a unit, as in 2ms');

export const FILTER_FIELDS: readonly FilterField[] = [
  word('spliced', 'its peer has an entry, it redirects to it, and did so with its last message', isSpliced),
  word('stuck', 'bytes wait that nobody reads, or order or backlog hold it back from its peer', isStuck),
  word('peer', 'the reverse key has an entry', hasPeer),
  field(
    'port',
    'the port of either end',
    'port=6379',
    PORTS((row) => [row.sport, row.dport]),
  ),
  field(
    'sport',
    'the port of its own end',
    'sport=6379',
    PORTS((row) => row.sport),
  ),
  field(
    'dport',
    'the port of its peer end',
    'dport<1024',
    PORTS((row) => row.dport),
  ),
  field(
    'ip',
    'the address of either end, or a network',
    'ip=10.0.0.0/8',
    address((row) => [row.sip, row.dip]),
  ),
  field(
    'sip',
    'the address of its own end',
    'sip=10.0.0.1',
    address((row) => row.sip),
  ),
  field(
    'dip',
    'the address of its peer end',
    'dip=fd00::/8',
    address((row) => row.dip),
  ),
  field(
    'key',
    'the key',
    "key~':5000->'",
    text((row) => row.key),
  ),
  field(
    'comm',
    'the name of the process',
    'comm~redis',
    text((row) => row.process?.comm),
  ),
  field(
    'pid',
    'the id of the process',
    'pid=812',
    number(WHOLE, 'a whole number')((row) => row.process?.pid),
  ),
  field(
    'state',
    'the TCP state',
    'state=ESTABLISHED',
    oneOf(STATES, (row) => row.state, SHORT_STATES),
    STATES,
  ),
  field(
    'cookie',
    "the socket's cookie",
    'cookie=4123',
    text((row) => row.cookie),
  ),
  field(
    'redirects',
    'messages it redirected',
    'redirects>1k',
    COUNT((row) => row.redirects),
  ),
  field(
    'redirectBytes',
    'bytes it redirected',
    'redirectBytes>1M',
    SIZE((row) => row.redirectBytes),
  ),
  field('passes', 'messages that went by TCP', 'passes>100', COUNT(totalPasses)),
  ...PASS_REASONS.map((reason) =>
    field(
      `passes.${reason}`,
      `those because of ${reason}`,
      `passes.${reason}>0`,
      COUNT((row) => row.passes[reason]),
    ),
  ),
  field(
    'queuedBytes',
    'bytes redirected to it and not read yet',
    'queuedBytes>64K',
    SIZE((row) => row.queuedBytes),
  ),
  field(
    'age',
    'how long it has had its entry; without a unit in seconds',
    'age>5s',
    TIME((row) => row.ageMs),
  ),
  field(
    'ageMs',
    'the same; without a unit in milliseconds',
    'ageMs<250',
    TIME_MS((row) => row.ageMs),
  ),
  live(
    'rate',
    'redirects a second',
    'rate>100',
    COUNT((row) => row.rate),
  ),
  field(
    'cgroup',
    'the cgroup of the process',
    'cgroup~docker',
    text((row) => row.cgroup),
  ),
  field(
    'verdict',
    'what became of its last message',
    'verdict=order',
    oneOf(['redirect', ...PASS_REASONS], (row) => row.verdict),
    ['redirect', ...PASS_REASONS],
  ),
  live(
    'p50',
    'half of its turnarounds are below; in microseconds',
    'p50>1ms',
    TURNAROUND((row) => row.p50),
  ),
  live(
    'p99',
    'and 99 of 100',
    'p99>5ms',
    TURNAROUND((row) => row.p99),
  ),
];

function word(name: string, summary: string, test: Test): FilterField {
  return { name, summary, example: name, live: false, values: [], test };
}

function field(
  name: string,
  summary: string,
  example: string,
  kind: Kind,
  values: readonly string[] = [],
): FilterField {
  return { name, summary, example, live: false, values, kind };
}

function live(...described: Parameters<typeof field>): FilterField {
  return { ...field(...described), live: true };
}

function totalPasses({ passes }: FilterRow): number {
  return PASS_REASONS.reduce((sum, reason) => sum + passes[reason], 0);
}
