/** A program in C that races the splice for some seconds, inside a cgroup of the test's own. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawnInCgroup } from './peers.ts';

/**
 * Compiles `NAME.c` beside this file and runs it to its end.
 * @param folder where the compiled program goes; the caller removes it
 * @returns what it prints, one object of JSON
 */
export async function race(
  cgroup: string,
  folder: string,
  name: string,
  ...argv: readonly string[]
): Promise<Record<string, number>> {
  const program = join(folder, name);
  const source = join(import.meta.dirname, `${name}.c`);
  execFileSync('clang', ['-O2', '-Wall', '-Werror', '-pthread', '-o', program, source]);
  const child = spawnInCgroup(cgroup, [program, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('no output');
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(said) as Record<string, number>;
}
