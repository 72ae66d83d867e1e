/** What this process may do, asked of the kernel instead of the user id. */
import { MOST_OF_PROC, readText } from './bounded-file.ts';
import { notPermitted } from './errors.ts';

/** include/uapi/linux/capability.h */
const CAP_SYS_ADMIN = 21;
const NEEDED = { CAP_NET_ADMIN: 12, CAP_PERFMON: 38, CAP_BPF: 39 } as const;

/**
 * Checks the effective capabilities: CAP_BPF and CAP_NET_ADMIN for the programs and maps,
 * CAP_PERFMON for reading kernel structures; CAP_SYS_ADMIN contains CAP_BPF and CAP_PERFMON.
 * @throws SpliceError NOT_PERMITTED, naming what is missing
 */
export function requirePrivileges(status = readText('/proc/self/status', MOST_OF_PROC)): void {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: number) => ((effective >> BigInt(bit)) & 1n) === 1n;
  const missing = Object.entries(NEEDED)
    .filter(([name, bit]) => !has(bit) && (name === 'CAP_NET_ADMIN' || !has(CAP_SYS_ADMIN)))
    .map(([name]) => name);
  if (missing.length > 0) {
    throw notPermitted(`this user lacks ${missing.join(', ')}`);
  }
}
