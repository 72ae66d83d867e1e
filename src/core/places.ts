/** What to know of the place that this process is in, wherever a splice is concerned. */
import { findCgroup2, seesMachineRoot } from './cgroup.ts';
import { inInitialNamespace } from './namespaces.ts';
import { printable } from './printable.ts';

/** What differs here from the host, a sentence each; none on the host itself. */
export function placeWarnings(): string[] {
  if (inInitialNamespace('pid') !== false) return [];
  return [
    'this is a pid namespace: processes outside of it are neither shown nor adopted from, and their edge-triggered readers are not woken; run it on the host to reach them',
  ];
}

/** The root cgroup that was asked for, or taken because none was, need not be the machine's. */
export function rootWarnings(cgroups: readonly string[]): string[] {
  const root = findCgroup2();
  if (seesMachineRoot() || !cgroups.includes(root)) return [];
  return [
    `${printable(root)} is the root of this cgroup namespace, not of the machine: only the connections of its cgroups are spliced; run it on the host to splice all`,
  ];
}
