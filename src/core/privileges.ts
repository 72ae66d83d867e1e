/** What this process may do, asked of the kernel instead of the user id. */
import { MOST_OF_PROC, readText } from './bounded-file.ts';
import { notPermitted } from './errors.ts';
import { inInitialNamespace } from './namespaces.ts';

/** include/uapi/linux/capability.h */
const CAPABILITIES = {
  CAP_NET_ADMIN: 12,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;

type Capability = keyof typeof CAPABILITIES;

/**
 * What each kind of work needs. To load a splice: CAP_BPF and CAP_NET_ADMIN for its programs and maps,
 * CAP_PERFMON because they read kernel structures; requireWakeFunctions() asks for what CAP_SYSLOG shows.
 * To look at one that is up, to edit it and to take it down: the programs that list it are no network
 * programs. The switch and the policy's ports are maps: who may open the pins may write them.
 */
const NEEDED = {
  load: ['CAP_BPF', 'CAP_NET_ADMIN', 'CAP_PERFMON'],
  use: ['CAP_BPF', 'CAP_PERFMON'],
} as const satisfies Record<string, readonly Capability[]>;

/** What a process may do: the capabilities that it has, and whether the kernel counts them for eBPF. */
export interface Privileges {
  has(capability: Capability): boolean;
  /** In a user namespace of its own a process may have every capability, and may load nothing. */
  inUserNamespace: boolean;
}

/** The privileges of this process. */
export function privileges(
  status = readText('/proc/self/status', MOST_OF_PROC),
  inUserNamespace = inInitialNamespace('user') === false,
): Privileges {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const has = (name: Capability) => ((effective >> BigInt(CAPABILITIES[name])) & 1n) === 1n;
  return { has, inUserNamespace };
}

/**
 * Checks the effective capabilities for a kind of work. CAP_SYS_ADMIN contains CAP_BPF and CAP_PERFMON.
 * @throws SpliceError NOT_PERMITTED, naming what is missing
 */
export function requirePrivileges(work: keyof typeof NEEDED, { has, inUserNamespace } = privileges()): void {
  const needed: readonly Capability[] = NEEDED[work];
  const missing = needed.filter((name) => !has(name) && (name === 'CAP_NET_ADMIN' || !has('CAP_SYS_ADMIN')));
  if (missing.length > 0) throw notPermitted(`this process lacks ${missing.join(', ')}`);
  if (!inUserNamespace) return;
  throw notPermitted('this process is in a user namespace, whose capabilities do not count for eBPF', {
    remedy: 'run it in the initial user namespace: on the host, not in a rootless container',
  });
}
