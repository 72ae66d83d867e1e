/**
 * A place of the doctor's own: cgroups with a guarded splice, with a naive one, and with none, and pin directories.
 * Whatever becomes of the doctor, a guard outlives it and removes them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isBpffs, requireLasting } from '../core/bpffs.ts';
import { notPermitted } from '../core/errors.ts';
import { findCgroup2, openSplice, type Splice } from '../core/index.ts';
import { keepMountsPrivate } from '../core/libc.ts';
import { DEFAULT_PIN } from '../core/pin-directory.ts';
import { requirePrivileges } from '../core/privileges.ts';
import { up } from '../core/up.ts';

/**
 * A constant text: the pin directory and the cgroup come as arguments. It waits for the end of its
 * input, which comes when the doctor ends, in whichever way. With the last process and the last pin
 * everything in the kernel is gone.
 */
const GUARD = `
cat >/dev/null
for pin in "$1" "$1-naive"; do
  rm -f "$pin"/*
  [ ! -d "$pin" ] || rmdir "$pin"/*/ "$pin"
done
tries=0
while [ -d "$2" ] && [ $tries -lt 100 ]; do
  echo 1 >"$2/cgroup.kill"
  rmdir "$2"/*/ "$2" && exit
  tries=$((tries + 1))
  sleep 0.05
done`;

export class Bed implements AsyncDisposable {
  /** Connections made in here are spliced. */
  readonly spliced: string;
  /** In here they are, too, by a program without any rule: what the kernel does, and our rules might prevent. */
  readonly naive: string;
  /** And in here they are not. */
  readonly control: string;
  readonly splice: Splice;
  readonly #naive: Splice;
  readonly #guard: ChildProcess;

  private constructor(name: string, pin: string) {
    const cgroup = join(findCgroup2(), name);
    this.spliced = join(cgroup, 'spliced');
    this.naive = join(cgroup, 'naive');
    this.control = join(cgroup, 'control');
    this.splice = openSplice({ pin: join(dirname(resolve(pin)), name) });
    this.#naive = openSplice({ pin: `${this.splice.pin}-naive` });
    this.#guard = spawn('/bin/sh', ['-c', GUARD, 'sh', this.splice.pin, cgroup], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      // In a session of its own, where a Ctrl-C does not reach it.
      detached: true,
    });
    this.#guard.on('error', () => {});
  }

  /**
   * Makes the cgroups and splices two of them, the way `splice up` does it.
   * @param pin the splice is pinned beside it
   * @throws SpliceError what `splice up` would say
   */
  static async make(pin: string): Promise<Bed> {
    requirePrivileges('load');
    requireLasting(pin);
    keepMount(pin);
    const bed = new Bed(`splice-doctor-${process.pid}`, pin);
    try {
      makeDirectories(bed.spliced, bed.naive, bed.control);
      const forAWhile = { mayBePrivate: true };
      up(bed.splice.pin, { cgroups: [bed.spliced] }, forAWhile);
      up(bed.#naive.pin, { cgroups: [bed.naive], mode: 'naive' }, forAWhile);
      return bed;
    } catch (error) {
      await bed[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.splice.close();
    this.#naive.close();
    const gone = new Promise((resolve) => this.#guard.once('close', resolve));
    this.#guard.stdin?.end();
    await gone;
  }
}

/** `splice up` mounts /sys/fs/bpf where it is not: here only for as long as the doctor lives. */
function keepMount(pin: string): void {
  const place = dirname(resolve(pin));
  if (place === dirname(DEFAULT_PIN) && !isBpffs(place)) keepMountsPrivate();
}

function makeDirectories(...paths: string[]): void {
  try {
    for (const path of paths) mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw notPermitted(`no cgroup can be made in ${findCgroup2()}`, { cause });
  }
}
