/**
 * In which namespaces this process is, as far as that changes what a splice sees and does. Nothing here
 * needs a privilege; what cannot be told is null. Mounts are in mounts.ts.
 */
import { readlinkSync } from 'node:fs';

/** include/linux/proc_ns.h, PROC_*_INIT_INO: the namespaces that the machine began with. */
const INITIAL = { cgroup: 0xeffffffb, pid: 0xeffffffc, user: 0xeffffffd } as const;

/** Whether this process is in the namespace of a kind that the machine began with. */
export function inInitialNamespace(kind: keyof typeof INITIAL): boolean | null {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`) === `${kind}:[${INITIAL[kind]}]`;
  } catch {
    return null;
  }
}
