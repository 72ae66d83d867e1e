/** Whether the kernel counts the bytes in an ingress queue: found out by trying, and not taken for granted. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel, describeUnless } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';

const CHILD = join(import.meta.dirname, '../support/queue-count-child.ts');
/** Kernels that have this field of struct sk_psock count. */
const hasSum = readFileSync('/sys/kernel/btf/vmlinux', 'latin1').includes('\0msg_tot_len\0');

/** Asks in a process of its own, started by `prefix`. */
function ask(...prefix: string[]): string {
  const [file = '', ...rest] = [...prefix, process.execPath, CHILD];
  return execFileSync(file, rest, { encoding: 'utf8' });
}

describeKernel('whether the queue is counted', () => {
  describeUnless(
    hasSum ? null : 'this kernel has no psock.msg_tot_len, and may count or not',
    'is known of this kernel',
    () => {
      test('it is', () => expect(ask()).toBe('true'));
    },
  );

  test('it is not believed where the loopback interface is down', () => {
    expect(ask('unshare', '--net')).toBe('false');
  });

  test('it is not believed where another splice takes the sockets', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(ask('sh', '-c', 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"', 'sh', bed.cgroup)).toBe('false');
  });
});
