/** Runs one of the built programs to its end, as a user would. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { patience } from '../setup/patience.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** How a program is started otherwise than plainly. */
export interface Circumstances {
  env?: NodeJS.ProcessEnv;
  input?: string;
  /** Root, but without any capability: what a user without privileges can do. */
  unprivileged?: boolean;
  /** Root without these capabilities, named as setpriv(1) does. */
  without?: readonly string[];
  /** With just these capabilities, named as in `+bpf`, as this user: root, unless told otherwise. */
  capabilities?: readonly string[];
  uid?: number;
  /** What runs it, such as `unshare --user`. */
  prefix?: readonly string[];
  /** Shell commands, run first in a mount namespace of its own; `"$@"` are `values`. */
  mounts?: string;
  /** In a pid namespace of its own as well, as a container has it: its process 1 has the same mounts. */
  container?: boolean;
  values?: readonly string[];
}

/** Runs `bin/NAME.js`; a test that takes longer than half a minute has failed. */
export function run(name: string, argv: readonly string[], circumstances: Circumstances = {}): Run {
  const {
    env = {},
    input = '',
    unprivileged = false,
    without = [],
    mounts,
    values = [],
    capabilities,
    uid,
    prefix = [],
    container = false,
  } = circumstances;
  let command = [process.execPath, join(ROOT, 'bin', `${name}.js`), ...argv];
  if (unprivileged) command = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', ...command];
  if (without.length > 0) command = ['setpriv', `--bounding-set=${without.map((name) => `-${name}`)}`, ...command];
  if (capabilities) command = ['setpriv', ...withJust(capabilities, uid), ...command];
  command = [...prefix, ...command];
  if (mounts !== undefined) {
    const script = `${mounts}\nshift ${values.length}\nexec "$@"`;
    const namespaces = ['--mount', ...(container ? ['--pid', '--fork', '--mount-proc'] : [])];
    command = ['unshare', ...namespaces, '--', 'sh', '-ec', script, 'sh', ...values, ...command];
  }
  const [file = '', ...rest] = command;
  const { status, stdout, stderr } = spawnSync(file, rest, {
    input,
    encoding: 'utf8',
    timeout: patience(30_000),
    maxBuffer: 1 << 27,
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  return { status, stdout, stderr };
}

/** Another user than root keeps no capability past execve(2) that is not an ambient one. */
function withJust(capabilities: readonly string[], uid: number | undefined): string[] {
  const set = ['-all', ...capabilities].join();
  if (uid === undefined) return [`--bounding-set=${set}`, '--inh-caps=-all'];
  const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  return [...user, `--bounding-set=${set}`, `--inh-caps=${set}`, `--ambient-caps=${set}`];
}
