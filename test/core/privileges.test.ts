/** What is missing is named, for each kind of work, whatever else a process has. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpliceError } from '../../src/core/index.ts';
import { privileges, requirePrivileges } from '../../src/core/privileges.ts';

const BITS = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;
const NEEDED = { load: ['CAP_NET_ADMIN', 'CAP_PERFMON', 'CAP_BPF'], use: ['CAP_PERFMON', 'CAP_BPF'] } as const;

/** The set of capabilities as /proc/PID/status has it. */
function statusOf(bits: readonly number[]): string {
  const set = bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
  return `Name:\tnode\nCapPrm:\t0000000000000000\nCapEff:\t${set.toString(16).padStart(16, '0')}\n`;
}

function missingFor(work: 'load' | 'use', bits: readonly number[], inUserNamespace = false): string | null {
  try {
    requirePrivileges(work, privileges(statusOf(bits), inUserNamespace));
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(SpliceError);
    return (error as SpliceError).message;
  }
}

test('exactly what is missing is named', () => {
  fc.assert(
    fc.property(fc.constantFrom('load', 'use'), fc.uniqueArray(fc.nat(40)), (work, bits) => {
      const said = missingFor(work, bits) ?? '';
      for (const name of NEEDED[work]) {
        const contained = name !== 'CAP_NET_ADMIN' && bits.includes(BITS.CAP_SYS_ADMIN);
        expect(said.includes(name)).toBe(!contained && !bits.includes(BITS[name]));
      }
    }),
  );
});

test('in a user namespace none of them counts', () => {
  const all = Array.from({ length: 41 }, (_, bit) => bit);
  expect(missingFor('use', all)).toBeNull();
  expect(missingFor('use', all, true)).toMatch(/user namespace/);
});

test('a status that cannot be understood has no capability', () => {
  expect(() => requirePrivileges('use', privileges('', false))).toThrow(/CAP_BPF, CAP_PERFMON/);
});
