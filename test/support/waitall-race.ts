/** waitall-race.c in a child process, inside a cgroup of the test's own. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawnInCgroup } from './peers.ts';

const SECONDS = '4';

/** Which ends of its connections send. */
export type Way = 'simplex' | 'duplex';

/**
 * Runs the race for some seconds.
 * @param folder where the compiled program goes; the caller removes it
 * @returns how many connections there were, and how many had wrong bytes or stood still
 */
export async function raceReaders(
  cgroup: string,
  folder: string,
  way: Way,
): Promise<{ connections: number; wrong: number; stalls: number }> {
  const program = join(folder, 'waitall-race');
  const source = join(import.meta.dirname, 'waitall-race.c');
  execFileSync('clang', ['-O2', '-Wall', '-Werror', '-pthread', '-o', program, source]);
  const child = spawnInCgroup(cgroup, [program, SECONDS, way], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('no output');
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(said);
}
