/** The compiled eBPF objects: where they are, and what it means when one does not load. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { notPermitted, SpliceError } from './errors.ts';
import { KernelError } from './kernel-error.ts';
import { KERNEL_CONSTANTS } from './kernel-symbols.ts';
import { type Constants, type LoadedObject, loadObject } from './libbpf.ts';
import { PIN } from './pin-directory.ts';
import { requirePrivileges } from './privileges.ts';
import { isQueueCounted } from './queue-count.ts';
import { cutShort, requireDescriptors } from './resources.ts';
import { keepVerifierLog, verifierReason } from './verifier-log.ts';

// Built, this file lies in dist/core; run from source, in src/core.
const DIRECTORIES = ['../bpf', '../../dist/bpf'].map((path) => join(import.meta.dirname, path));

/** The maps and programs of one object, what libbpf opens meanwhile, and what CONSTANTS tries. */
const MOST_DESCRIPTORS = 96;

/** Two ends of one connection. */
const PAIR = { [PIN.map]: { maxEntries: 2 }, [PIN.endpoints]: { maxEntries: 2 } };

let isCounted: boolean | undefined;

/** What objects are told of the running kernel; asked for once. */
const CONSTANTS: Constants = {
  ...KERNEL_CONSTANTS,
  '.rodata.queue': () => {
    isCounted ??= isQueueCounted(() => loadObject(objectPath('naive'), PAIR, {}));
    return [isCounted ? 1n : 0n];
  },
};

/**
 * The path of a compiled object.
 * @throws SpliceError NO_OBJECT
 */
export function objectPath(name: string): string {
  const paths = DIRECTORIES.map((directory) => join(directory, `${name}.bpf.o`));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new SpliceError(
    'NO_OBJECT',
    `the compiled eBPF object ${name}.bpf.o is missing`,
    "'npm run build' in the project's folder (needs clang and libbpf-dev), or install the package again",
  );
}

/**
 * Loads one of our objects into the kernel.
 * @throws SpliceError NO_OBJECT, NO_LIBBPF, NOT_PERMITTED, NO_RESOURCES, VERIFIER with the
 * verifier's reason, KERNEL_REFUSED
 */
export function loadOurObject(name: string, maps: Parameters<typeof loadObject>[1]): LoadedObject {
  const path = objectPath(name);
  requireDescriptors(MOST_DESCRIPTORS, `loading ${name}.bpf.o`);
  try {
    return loadObject(path, maps, CONSTANTS);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.errnoName === 'EPERM') throw forbidden(name, error);
    const short = cutShort(error, `loading ${name}.bpf.o`);
    if (short !== null) throw short;
    throw error.log.includes('BEGIN PROG LOAD LOG') ? rejected(name, error) : refused(name, error);
  }
}

/** Capabilities are asked after: with all of them, what libbpf says first is what was refused. */
function forbidden(name: string, error: KernelError): SpliceError {
  requirePrivileges('use');
  const said = error.log.split('\n').find((line) => line !== '');
  return notPermitted(`the kernel refuses to load ${name}.bpf.o${said ? `\n  | ${said}` : ''}`, { cause: error });
}

function rejected(name: string, error: KernelError): SpliceError {
  const remedy = readingWholeLog(name, error.log);
  const reason = verifierReason(error.log);
  return new SpliceError(
    'VERIFIER',
    `the kernel does not take ${name}.bpf.o: ${error.message}\n${reason.map((line) => `  | ${line}`).join('\n')}`,
    remedy,
    error,
  );
}

/** A full disk does not hide what the verifier said. */
function readingWholeLog(name: string, log: string): string {
  try {
    return `to read the whole log: ${keepVerifierLog(name, log)}`;
  } catch (error) {
    return `again with room for the whole log, which could not be written: ${(error as Error).message}`;
  }
}

function refused(name: string, error: KernelError): SpliceError {
  const said = error.log.trimEnd().split('\n').at(-1);
  return new SpliceError(
    'KERNEL_REFUSED',
    `the kernel does not take ${name}.bpf.o: ${error.message}${said ? `\n  | ${said}` : ''}`,
    'a kernel with BTF (/sys/kernel/btf/vmlinux), CONFIG_CGROUP_BPF and CONFIG_BPF_STREAM_PARSER, and free memory',
    error,
  );
}
