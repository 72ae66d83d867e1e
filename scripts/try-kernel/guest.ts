/**
 * A guest: another kernel in qemu, with this machine's files. Its root is the host's, shared read only, under a layer in
 * its memory; one folder is shared for writing, where it leaves what the tests said.
 */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, createWriteStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { SpliceError } from '../../src/core/errors.ts';
import type { Kernel } from './packages.ts';
import { output, pathOf } from './tools.ts';

/** What the first process needs to find its root; the tests load whatever else they need. */
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];
const MEMORY_MB = 4096;
/** On a busy machine ticks come late, and a kernel that checks its timer takes it for broken. */
const BOOT = 'console=ttyS0 quiet loglevel=5 panic=-1 mitigations=off no_timer_check';

/** What is run in a guest. */
export interface Job {
  kernel: Kernel;
  /** For the initial RAM disk, the script, and what comes out: a folder that the guest may write to. */
  folder: string;
  /** What bash runs, as root, with the host's files around it. */
  script: string;
  mostSeconds: number;
}

/**
 * Boots a guest, and waits until it switches itself off.
 * @returns whether it did so in time; its console is in `console.log` of the folder
 */
export async function runGuest({ kernel, folder, script, mostSeconds }: Job): Promise<boolean> {
  const shared = join(folder, 'shared');
  mkdirSync(shared, { recursive: true });
  writeFileSync(join(shared, 'run.sh'), script);
  const disk = join(folder, 'initrd');
  makeDisk(kernel, join(folder, 'disk'), disk);

  const share = (tag: string, path: string, more: string) => [
    '-virtfs',
    `local,path=${path.replaceAll(',', ',,')},mount_tag=${tag},security_model=none,multidevs=remap${more}`,
  ];
  const machine = [
    // Threads of its own for each processor crash guests for no reason of theirs; KVM has no place in most machines.
    ...['-accel', 'tcg,thread=single', '-smp', `${Math.min(2, availableParallelism())}`, '-m', `${MEMORY_MB}`],
    ...['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-nic', 'none', '-no-reboot'],
    ...share('host', '/', ',readonly=on'),
    ...share('results', shared, ''),
    ...['-kernel', kernel.image, '-initrd', disk, '-append', BOOT],
  ];
  const qemu = spawn('qemu-system-x86_64', machine, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(folder, 'console.log'));
  qemu.stdout.pipe(log, { end: false });
  qemu.stderr.pipe(log, { end: false });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    qemu.kill('SIGKILL');
  }, 1000 * mostSeconds);
  const stop = () => qemu.kill('SIGKILL');
  process.once('exit', stop);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    qemu.once('error', reject).once('close', resolve);
    const status = await promise;
    if (status !== 0 && !isLate) {
      throw new SpliceError('TOOL_FAILED', `qemu failed with exit status ${status}`, `read ${log.path}`);
    }
  } finally {
    clearTimeout(timer);
    process.removeListener('exit', stop);
    log.end();
  }
  return !isLate;
}

/** The initial RAM disk: busybox, init.sh, and the modules that they need, unpacked and in order. */
function makeDisk(kernel: Kernel, folder: string, file: string): void {
  for (const part of ['bin', 'modules', 'proc', 'dev', 'sys']) mkdirSync(join(folder, part), { recursive: true });
  copyFileSync(pathOf('busybox') ?? '', join(folder, 'bin', 'busybox'));
  const init = join(folder, 'init');
  copyFileSync(join(import.meta.dirname, 'init.sh'), init);
  chmodSync(init, 0o755);

  const base = kernel.modules.slice(0, kernel.modules.lastIndexOf('/lib/modules/'));
  const files = new Set(MODULES.flatMap((module) => filesOf(module, base, kernel.release)));
  const names = [...files].map((path) => {
    const name = basename(path).replace(/\.xz$/, '');
    copyFileSync(path, join(folder, 'modules', basename(path)));
    if (path.endsWith('.xz')) output('xz', ['--decompress', '--force', join(folder, 'modules', basename(path))]);
    return name;
  });
  writeFileSync(join(folder, 'modules', 'order'), `${names.join('\n')}\n`);
  const list = readdirSync(folder, { recursive: true }).join('\n');
  output('sh', ['-c', 'cpio --quiet -o -H newc >"$1"', 'sh', file], { cwd: folder, input: list });
}

/** A module's file after those that it needs; none when it is part of the kernel, or missing, which init.sh notices. */
function filesOf(module: string, base: string, release: string): string[] {
  try {
    const lines = output('modprobe', ['-d', base, '-S', release, '--show-depends', module]);
    return [...lines.matchAll(/^insmod (\S+)/gm)].map(([, path = '']) => path);
  } catch (error) {
    if (error instanceof SpliceError) return [];
    throw error;
  }
}
