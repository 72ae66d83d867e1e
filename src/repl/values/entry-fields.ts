/** The fields of an entry by which lists are sorted, summed and grouped. */
import { inspect } from 'node:util';
import { type Entry, nearest, SpliceError } from '../../core/index.ts';
import { totalPasses } from '../../view/columns.ts';

type Field = (entry: Entry) => string | number | boolean | null;

const FIELDS: Readonly<Record<string, Field>> = {
  key: (entry) => entry.key,
  sip: (entry) => entry.sip,
  dip: (entry) => entry.dip,
  sport: (entry) => entry.sport,
  dport: (entry) => entry.dport,
  cookie: (entry) => Number(entry.cookie),
  state: (entry) => entry.state,
  peer: (entry) => entry.peer,
  redirects: (entry) => entry.redirects,
  redirectBytes: (entry) => entry.redirectBytes,
  passes: totalPasses,
  'passes.noPeer': (entry) => entry.passes.noPeer,
  'passes.order': (entry) => entry.passes.order,
  'passes.backlog': (entry) => entry.passes.backlog,
  'passes.pair': (entry) => entry.passes.pair,
  'passes.bypass': (entry) => entry.passes.bypass,
  queuedBytes: (entry) => entry.queuedBytes,
  ageMs: (entry) => entry.ageMs,
  verdict: (entry) => entry.verdict,
  verdictMs: (entry) => entry.verdictMs,
  process: ({ process }) => process && `${process.pid} ${process.comm}`,
  pid: (entry) => entry.process?.pid ?? null,
  cgroup: (entry) => entry.cgroup,
  comm: (entry) => entry.process?.comm ?? null,
};

/** The names of all of them. */
export const ENTRY_FIELDS: readonly string[] = Object.keys(FIELDS);

/** Those that are numbers, and can be summed. */
export const SUMMABLE: readonly string[] = ENTRY_FIELDS.filter((name) => /^(redirect|passes|queued)/.test(name));

/** What a list is sorted, summed or grouped by: a field's name, or a function of an entry. */
export type By<Value> = string | ((entry: Entry) => Value);

/**
 * The function that a name stands for.
 * @throws SpliceError BAD_OPTION when it is neither a field nor a function
 */
export function fieldOf<Value>(
  by: By<Value>,
  names: readonly string[] = ENTRY_FIELDS,
): Field | ((entry: Entry) => Value) {
  if (typeof by === 'function') return by;
  if (typeof by === 'string' && names.includes(by)) return FIELDS[by] as Field;
  const meant = typeof by === 'string' ? nearest(by, names) : null;
  throw new SpliceError(
    'BAD_OPTION',
    `an entry has no field ${inspect(by)} to go by`,
    meant === null ? `one of ${names.join(', ')}; or a function of an entry` : `'${meant}', if that was meant`,
  );
}
