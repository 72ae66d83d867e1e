/** The machine in a few lines, for the table and the page. */
import type { Machine } from './machine.ts';

export function machineLines(machine: Machine): string[] {
  return machineFacts(machine).map(([name, value]) => `${name}: ${value}`);
}

/** Name and value of each fact. */
export function machineFacts(machine: Machine): [name: string, value: string][] {
  const { cpus, allowedCpus, load } = machine;
  const used = allowedCpus.length === cpus ? '' : `, of which ${allowedCpus.length} may be used`;
  const mitigations = Object.entries(machine.mitigations).map(([name, text]) => `${name}: ${text}`);
  const tools = Object.entries(machine.tools).map(([name, version]) => `${name} ${version ?? 'not installed'}`);
  return [
    ['kernel', `${machine.kernel}, TCP congestion control ${machine.congestionControl}`],
    ['CPUs', `${cpus} × ${machine.cpu}${used}; ${machine.memoryGiB} GiB of memory`],
    ['virtual', machine.virtual ?? 'no'],
    ['mitigations', mitigations.join('; ') || 'none needed, or not told'],
    ['load', `${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after (mean of a minute)`],
    ['software', [`libbpf ${machine.libbpf.replace(/^v/, '')}`, `Node.js ${machine.node}`, ...tools].join(', ')],
  ];
}
