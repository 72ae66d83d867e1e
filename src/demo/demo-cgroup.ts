/** The cgroup of the demo, the only one that it splices: its services can be frozen while the latency is measured. */
import { type CgroupTree, makeCgroup } from '../host/cgroups.ts';

export type DemoCgroup = CgroupTree<'services' | 'latency'>;

/** @throws SpliceError NO_CGROUP2, NOT_PERMITTED */
export function makeDemoCgroup(name: string): DemoCgroup {
  return makeCgroup(name, ['services', 'latency']);
}
