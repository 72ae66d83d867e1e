/**
 * What a splice needs of the kernel, tried with bpf(2) itself: no library and no compiled object is
 * needed for an answer. Whatever is made lives as long as its descriptor, which is closed at once.
 */

import { closeSync } from 'node:fs';
import { readBytes } from '../core/bounded-file.ts';
import { KernelError } from '../core/kernel-error.ts';
import { BPF_CGROUP_SOCK_OPS, BPF_SK_MSG_VERDICT } from '../core/libbpf.ts';
import { addressOf, bpf } from '../core/libc.ts';
import { type Check, type Question, tryOut } from './check.ts';
import { KERNEL_BTF, MOST_OF_BTF } from './machine.ts';

/** include/uapi/linux/bpf.h: commands, and types of programs and maps. */
const MAP_CREATE = 0;
const PROG_LOAD = 5;
const PROG_ATTACH = 8;
const LINK_CREATE = 28;
const SOCK_OPS = 13;
const SK_MSG = 16;
const SOCKHASH = 18;

/** `r0 = 1; exit`: for SOCK_OPS it is done, for SK_MSG the message passes. */
const INSTRUCTIONS = Buffer.from('b700000001000000 9500000000000000'.replace(' ', ''), 'hex');
const LICENSE = Buffer.from('Dual MIT/GPL\0');

/** Each iterator is known in the kernel's BTF by a function of this name. */
const ITERATORS = ['bpf_iter_sockmap', 'bpf_iter_task_file'];

/** What the kernel has: each is tried, none is taken from a version. */
export function checkKernel(): Check[] {
  const group = 'kernel';
  return [
    tryOut(
      {
        name: 'SOCK_OPS programs',
        group,
        meaning: 'notice new connections; without them nothing is spliced',
        remedy: 'a kernel with CONFIG_BPF_SYSCALL=y and CONFIG_CGROUP_BPF=y',
      },
      () => loads('SOCK_OPS program', SOCK_OPS, BPF_CGROUP_SOCK_OPS),
    ),
    tryOut(
      {
        name: 'SK_MSG programs',
        group,
        meaning: 'redirect messages; without them nothing is spliced',
        remedy: 'a kernel with CONFIG_BPF_SYSCALL=y and CONFIG_NET=y',
      },
      () => loads('SK_MSG program', SK_MSG, BPF_SK_MSG_VERDICT),
    ),
    checkLinks(),
    tryOut(
      {
        name: 'BPF iterators',
        group,
        meaning: 'list the entries and find their processes; without them a splice can be neither seen nor edited',
        remedy: 'Linux 6.1 or newer with CONFIG_DEBUG_INFO_BTF=y',
      },
      findIterators,
    ),
  ];
}

function loads(what: string, type: number, attachType: number): string {
  closeSync(loadProgram(what, type, attachType));
  return 'one loads';
}

/** A sockmap, and a program attached to it: by a link, or the older way, as `splice up` does it. */
function checkLinks(): Check {
  const question: Question = {
    name: 'sockmap links',
    group: 'kernel',
    meaning: 'attach the program to the map, so that `splice down` can detach it',
    remedy: 'a kernel with CONFIG_BPF_SYSCALL=y and CONFIG_NET=y',
  };
  let linked = true;
  const check = tryOut(question, () => {
    linked = attach();
    return linked ? 'attached by a link' : 'no links; attached without one';
  });
  if (check.result === 'missing' || linked) return check;
  const meaning = 'the program stays attached until the map is gone; nothing that is spliced notices';
  return { ...check, result: 'deviates', meaning, remedy: 'nothing: it is done the older way' };
}

/** @returns false when it could be attached, but not by a link */
function attach(): boolean {
  const map = bpf('create SOCKHASH', MAP_CREATE, words(SOCKHASH, 16, 8, 1, 0));
  const opened = [map];
  try {
    const program = loadProgram('SK_MSG program', SK_MSG, BPF_SK_MSG_VERDICT);
    opened.push(program);
    try {
      opened.push(bpf('create sockmap link', LINK_CREATE, words(program, map, BPF_SK_MSG_VERDICT, 0)));
      return true;
    } catch (error) {
      if (!(error instanceof KernelError) || error.errnoName !== 'EINVAL') throw error;
      bpf('attach to sockmap', PROG_ATTACH, words(map, program, BPF_SK_MSG_VERDICT, 0));
      return false;
    }
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

function loadProgram(what: string, type: number, attachType: number): number {
  const attributes = Buffer.alloc(72);
  attributes.writeUInt32LE(type, 0);
  attributes.writeUInt32LE(INSTRUCTIONS.length / 8, 4);
  attributes.writeBigUInt64LE(addressOf(INSTRUCTIONS), 8);
  attributes.writeBigUInt64LE(addressOf(LICENSE), 16);
  attributes.writeUInt32LE(attachType, 68);
  return bpf(`load ${what}`, PROG_LOAD, attributes);
}

function findIterators(): string {
  const btf = readBytes(KERNEL_BTF, MOST_OF_BTF);
  const absent = ITERATORS.filter((name) => !btf.includes(`\0${name}\0`));
  if (absent.length > 0) throw new Error(`the kernel's BTF has no ${absent.join(' and no ')}`);
  return `the kernel's BTF has ${ITERATORS.join(' and ')}`;
}

function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
