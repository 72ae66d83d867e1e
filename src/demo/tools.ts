/** The programs of the system that the demo runs: found without a shell, run with plain arguments. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { printable, SpliceError } from '../core/index.ts';

/** Administrators' tools live here, and not every root has them in PATH (su(1) without -). */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/sbin'];

/** The path of an installed program, or null. */
export function findTool(name: string, path: string = process.env.PATH ?? ''): string | null {
  const directories = [
    ...path.split(delimiter).filter((directory) => directory.startsWith('/')),
    ...SYSTEM_DIRECTORIES,
  ];
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

/**
 * The path of a program that the demo cannot do without.
 * @throws SpliceError TOOL_MISSING, naming the Debian package that has it
 */
export function needTool(name: string, debianPackage: string): string {
  const found = findTool(name);
  if (found !== null) return found;
  throw new SpliceError(
    'TOOL_MISSING',
    `the demo needs the program '${name}', and it is not installed`,
    `'apt-get install ${debianPackage}', then the demo again`,
  );
}

/**
 * Runs a program to its end.
 * @throws SpliceError NOT_PERMITTED or DEMO_FAILED with what it said
 */
export function runTool(program: string, args: readonly string[], input?: string): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000, input: input ?? '' });
  if (status === 0) return;
  const said = printable((stderr ?? '').trim().replaceAll('\n', '; ')) || error?.message || 'it was killed';
  const call = printable([program.slice(program.lastIndexOf('/') + 1), ...args].join(' '));
  if (/not permitted|permission denied/i.test(said)) {
    throw new SpliceError('NOT_PERMITTED', `'${call}': ${said}`, 'the same as root, with sudo, outside of a container');
  }
  throw new SpliceError(
    'DEMO_FAILED',
    `'${call}' failed: ${said}`,
    "whether 'modprobe -a veth bridge' works: the demo needs both kernel modules",
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
