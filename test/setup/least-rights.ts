/**
 * For the project `least`: the same test files, but every call of a splice and of its readers of events has
 * the least set of capabilities. What a test makes around it (cgroups, namespaces) has those of root. The
 * processes with sockets have one of the set, for a large SO_RCVBUF: adopting from one that has more takes
 * CAP_SYS_PTRACE, too. A process that is started meanwhile (outpost.ts) has root's again:
 * test/kernel/rights.test.ts runs whole commands with the set.
 */
import { LiveEventReader } from '../../src/core/event-reader.ts';
import { Splice } from '../../src/core/splice.ts';
import { withLeastRights } from '../support/least-rights.ts';
import { startWith } from '../support/peers.ts';

startWith(['setpriv', '--bounding-set=-all,+net_admin', '--inh-caps=-all']);

for (const type of [Splice, LiveEventReader]) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
    if (name === 'constructor' || typeof value !== 'function') continue;
    Object.defineProperty(type.prototype, name, {
      value(...values: unknown[]) {
        return withLeastRights(() => value.apply(this, values));
      },
    });
  }
}
