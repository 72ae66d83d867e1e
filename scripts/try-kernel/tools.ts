/** The programs that a guest is made with. */
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SpliceError } from '../../src/core/errors.ts';

/** Where a user's PATH does not look, and Debian has its tools. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Programs, and the Debian packages that have them. */
const NEEDED = {
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  cpio: 'cpio',
  depmod: 'kmod',
  xz: 'xz-utils',
};

/** @throws SpliceError TOOL_MISSING, with the packages to install */
export function requireTools(): void {
  const missing = Object.entries(NEEDED).filter(([program]) => pathOf(program) === undefined);
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name).join(' ');
  throw new SpliceError(
    'TOOL_MISSING',
    `missing here, by their Debian names: ${packages}`,
    `apt-get install ${packages}`,
  );
}

/** Where a program is. */
export function pathOf(program: string): string | undefined {
  return PATH.split(':')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What a program prints.
 * @throws SpliceError TOOL_FAILED with its last words
 */
export function output(
  program: string,
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): string {
  const how: SpawnSyncOptionsWithStringEncoding = {
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PATH, LC_ALL: 'C' },
  };
  const { status, stdout, stderr, error } = spawnSync(program, args, how);
  if (status === 0) return stdout;
  const words = (stderr ?? '').trim().split('\n').slice(-5).join('\n');
  throw new SpliceError(
    'TOOL_FAILED',
    `${program} failed: ${words || error?.message}`,
    `run it: ${program} ${args.join(' ')}`,
  );
}
