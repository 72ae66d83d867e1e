/** Entries as core gives them, for tests of what is made of them. */
import type { EntryJson, Passes } from '../../src/core/index.ts';

export const NO_PASSES: Passes = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };

/** An entry of 10.0.0.1:5000->10.0.0.2:80 that redirected 23 messages; the rest as told. */
export function anEntry(told: Partial<EntryJson> = {}): EntryJson {
  const { sip = '10.0.0.1', dip = '10.0.0.2', sport = 5000, dport = 80 } = told;
  return {
    key: `${sip}:${sport}->${dip}:${dport}`,
    sip,
    dip,
    sport,
    dport,
    keyHex: '',
    cookie: '4123',
    state: 'ESTABLISHED',
    peer: true,
    redirects: 23,
    redirectBytes: 1472,
    passes: NO_PASSES,
    queuedBytes: 0,
    ageMs: 1530,
    process: { pid: 812, comm: 'redis-server' },
    ...told,
  };
}
