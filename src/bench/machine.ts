/** What the figures are of: kernel, CPUs, mitigations, virtual or not, libbpf, the tools' versions. */

import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { listNames, MOST_NAMES, MOST_OF_PROC, readText } from '../core/bounded-file.ts';
import { printable } from '../core/index.ts';
import { libbpfVersion } from '../core/libbpf.ts';
import { findTool } from '../host/tools.ts';
import { allowedCpus } from './places.ts';
import type { Tool } from './workload.ts';

const VULNERABILITIES = '/sys/devices/system/cpu/vulnerabilities';

/** What figures depend on, and what a reader wants to compare with. */
export interface Machine {
  kernel: string;
  cpu: string;
  /** Those of the machine, and those that this process may use. */
  cpus: number;
  allowedCpus: number[];
  memoryGiB: number;
  /** What the kernel does about each vulnerability of the CPU; those that it does not have are left out. */
  mitigations: Record<string, string>;
  /** Who runs it as a guest; null when it is a machine of its own. */
  virtual: string | null;
  congestionControl: string;
  libbpf: string;
  node: string;
  /** Null: not installed. */
  tools: Record<string, string | null>;
  /** Running and waiting processes, the mean of a minute: before the run and after it. */
  load: { before: number; after: number };
}

/** @param tools those whose versions are asked for */
export function describeMachine(tools: readonly Tool[]): Machine {
  const [before = 0] = loadavg();
  const info = read('/proc/cpuinfo');
  return {
    kernel: release(),
    cpu: printable(cpus()[0]?.model.trim() ?? 'unknown'),
    cpus: cpus().length,
    allowedCpus: allowedCpus(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    mitigations: mitigations(),
    virtual: /^flags\s*:.*\bhypervisor\b/m.test(info) ? vendor() : null,
    congestionControl: read('/proc/sys/net/ipv4/tcp_congestion_control').trim(),
    libbpf: libbpfVersion(),
    node: process.versions.node,
    tools: Object.fromEntries(tools.map((tool) => [tool.program, versionOf(tool)])),
    load: { before, after: before },
  };
}

/** The same at the end of the run. */
export function withLoadNow(machine: Machine): Machine {
  const [after = 0] = loadavg();
  return { ...machine, load: { ...machine.load, after } };
}

/** The first number with a dot in what a tool says about itself. */
export function versionIn(printed: string): string | null {
  return /\d+\.\d+(?:[.-]\w+)*/.exec(printed)?.[0] ?? null;
}

function versionOf({ version: [program = '', ...args] }: Tool): string | null {
  const path = findTool(program);
  if (path === null) return null;
  const { stdout, stderr } = spawnSync(path, args, { encoding: 'utf8', timeout: 5000, input: '' });
  return versionIn(`${stdout ?? ''}${stderr ?? ''}`) ?? 'unknown';
}

function mitigations(): Record<string, string> {
  let names: string[];
  try {
    names = listNames(VULNERABILITIES, MOST_NAMES);
  } catch {
    return {};
  }
  const all = names.map((name) => [name, printable(read(join(VULNERABILITIES, name)).trim())] as const);
  return Object.fromEntries(all.filter(([, text]) => text !== 'Not affected' && text !== ''));
}

/** What the firmware calls the machine, where it says so. */
function vendor(): string {
  const names = ['sys_vendor', 'product_name'].map((name) => read(`/sys/class/dmi/id/${name}`).trim());
  return printable(names.filter((name) => name !== '').join(' ')) || 'yes, by an unnamed hypervisor';
}

function read(path: string): string {
  try {
    return readText(path, MOST_OF_PROC);
  } catch {
    return '';
  }
}
