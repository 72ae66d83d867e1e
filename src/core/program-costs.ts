/** What the programs of a splice cost: how often they ran and how long, as the kernel counts it. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { openCgroup } from './cgroup.ts';
import { effectivePrograms } from './kernel-objects.ts';
import { BPF_CGROUP_SOCK_OPS, enableStats, objectInfo, openPinned } from './libbpf.ts';
import { PIN } from './pin-directory.ts';

/** Runs and nanoseconds since the program was loaded, of the times when counting was on. */
export interface ProgramCost {
  program: string;
  runs: number;
  ns: number;
}

/** struct bpf_prog_info, include/uapi/linux/bpf.h */
const RUN_TIME_NS = 192;
const RUN_COUNT = 200;

/**
 * Makes the kernel count the runs of all programs and their time until it is disposed. Counting costs
 * each run some ten nanoseconds by itself.
 * @throws KernelError EPERM without CAP_SYS_ADMIN
 */
export function countProgramRuns(): Disposable {
  const counting = enableStats();
  return { [Symbol.dispose]: () => closeSync(counting) };
}

/** @param pin the pin directory of a splice that is up */
export function programCosts(pin: string): ProgramCost[] {
  return [PIN.skMsg, PIN.sockOps].map((program) => {
    const fd = openPinned(join(pin, program));
    try {
      const info = objectInfo(fd);
      return {
        program,
        runs: Number(info.getBigUint64(RUN_COUNT, true)),
        ns: Number(info.getBigUint64(RUN_TIME_NS, true)),
      };
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * Whether SOCK_OPS programs run for the sockets of a cgroup, wherever they are attached.
 * @throws SpliceError NO_SUCH_CGROUP
 */
export function hasSockOps(path: string): boolean {
  const fd = openSync(openCgroup(path).path, 'r');
  try {
    return effectivePrograms(fd, BPF_CGROUP_SOCK_OPS).length > 0;
  } finally {
    closeSync(fd);
  }
}
