/** The programs of the system that we run: found without a shell, run with plain arguments. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { notPermitted } from '../core/errors.ts';
import { printable, SpliceError } from '../core/index.ts';

/** Administrators' tools live here, and not every root has them in PATH (su(1) without -). */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/sbin'];

const TIMEOUT_MS = 20_000;

/** The path of an installed program, or null. */
export function findTool(name: string, path: string = process.env.PATH ?? ''): string | null {
  const directories = [
    ...path.split(delimiter).filter((directory) => directory.startsWith('/')),
    ...SYSTEM_DIRECTORIES,
  ];
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

/**
 * The path of a program that we cannot do without.
 * @throws SpliceError TOOL_MISSING, naming the Debian package that has it
 */
export function needTool(name: string, debianPackage: string): string {
  const found = findTool(name);
  if (found !== null) return found;
  throw new SpliceError(
    'TOOL_MISSING',
    `the program '${name}' is needed, and it is not installed`,
    `'apt-get install ${debianPackage}', then the same again`,
  );
}

/**
 * Runs a program to its end.
 * @param options `input` for its standard input; `remedy` to try when it fails
 * @throws SpliceError NOT_PERMITTED or TOOL_FAILED with what it said
 */
export function runTool(
  program: string,
  args: readonly string[],
  { input = '', remedy = 'the same again' }: { input?: string; remedy?: string } = {},
): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: TIMEOUT_MS, input });
  if (status === 0) return;
  const said = printable((stderr ?? '').trim().replaceAll('\n', '; ')) || error?.message || 'it was killed';
  const call = printable([program.slice(program.lastIndexOf('/') + 1), ...args].join(' '));
  if (/not permitted|permission denied/i.test(said)) {
    throw notPermitted(`'${call}': ${said}`);
  }
  throw new SpliceError('TOOL_FAILED', `'${call}' failed: ${said}`, remedy);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
