/** Programs and maps of the kernel, whoever loaded them, by their ids: part of what libbpf.ts is. */
import { closeSync } from 'node:fs';
import { KernelError } from './kernel-error.ts';
import { call, check } from './libbpf.ts';
import { addressOf } from './libc.ts';

const BPF_F_QUERY_EFFECTIVE = 1;
/** include/uapi/linux/bpf.h: others may be attached to the same cgroup. */
const BPF_F_ALLOW_MULTI = 2;
/** The kernel lets no more programs of a type run for a cgroup (BPF_CGROUP_MAX_PROGS). */
const MOST_PROGRAMS = 64;
const MOST_MAPS = 64;
const INFO_BYTES = 256;
const NAME_BYTES = 16;

/** struct bpf_prog_info and struct bpf_map_info: where what is read lies. */
const PROGRAM = { id: 4, mapCount: 52, maps: 56, name: 64 } as const;
const MAP = { type: 0, name: 24 } as const;

/** What is attached to one place, and whether it lets others be attached there, too. */
export interface Attached {
  ids: number[];
  isExclusive: boolean;
}

/** A program; name and maps are null without the right to open it by its id. */
export interface ProgramInfo {
  id: number;
  name: string | null;
  mapIds: number[] | null;
}

export interface KernelMapInfo {
  id: number;
  type: number;
  name: string;
}

/**
 * The programs that are attached to a cgroup or a map, those of the cgroups above it not included.
 * @throws KernelError EPERM without CAP_NET_ADMIN; EINVAL where the kernel does not tell
 */
export function attachedPrograms(target: number, type: number): Attached {
  const { ids, flags } = query(target, type, 0);
  return { ids, isExclusive: ids.length > 0 && (flags & BPF_F_ALLOW_MULTI) === 0 };
}

/** The ids of the programs that run for a cgroup, those of the cgroups above it included. */
export function effectivePrograms(cgroup: number, type: number): number[] {
  return query(cgroup, type, BPF_F_QUERY_EFFECTIVE).ids;
}

function query(target: number, type: number, flags: number): { ids: number[]; flags: number } {
  const ids = new Uint32Array(MOST_PROGRAMS);
  const [attach, count] = [[0], [ids.length]];
  // The kernel refuses a place for flags when it is to name those of the cgroups above, too.
  const result = call().query(target, type, flags, flags === 0 ? attach : null, ids, count);
  check('query programs', result);
  return { ids: [...ids.subarray(0, count[0])], flags: attach[0] as number };
}

/** The program behind a descriptor. */
export function programInfo(fd: number): { id: number; name: string; mapIds: number[] } {
  const info = Buffer.alloc(INFO_BYTES);
  const maps = new Uint32Array(MOST_MAPS);
  info.writeUInt32LE(MOST_MAPS, PROGRAM.mapCount);
  info.writeBigUInt64LE(addressOf(new Uint8Array(maps.buffer)), PROGRAM.maps);
  check('read program info', call().info(fd, info, [info.length]));
  const count = Math.min(info.readUInt32LE(PROGRAM.mapCount), MOST_MAPS);
  return { id: info.readUInt32LE(PROGRAM.id), name: nameAt(info, PROGRAM.name), mapIds: [...maps.subarray(0, count)] };
}

/** The program with an id; null when it is gone. */
export function programById(id: number): ProgramInfo | null {
  const info = byId(call().programById, id, programInfo);
  return info === 'unknown' ? { id, name: null, mapIds: null } : info;
}

/** The map with an id, opened for as long as `look` takes; null when it is gone, or not to be opened. */
export function mapById<Value>(id: number, look: (info: KernelMapInfo, fd: number) => Value): Value | null {
  const found = byId(call().mapById, id, (fd) => {
    const info = Buffer.alloc(INFO_BYTES);
    check('read map info', call().info(fd, info, [info.length]));
    return look({ id, type: info.readUInt32LE(MAP.type), name: nameAt(info, MAP.name) }, fd);
  });
  return found === 'unknown' ? null : found;
}

/** BPF_PROG_GET_FD_BY_ID and its like take CAP_SYS_ADMIN: `unknown` without it. */
function byId<Value>(open: (id: number) => number, id: number, look: (fd: number) => Value): Value | 'unknown' | null {
  let fd: number;
  try {
    fd = check(`open ${id}`, open(id));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.errnoName === 'ENOENT') return null;
    if (error.errnoName === 'EPERM') return 'unknown';
    throw error;
  }
  try {
    return look(fd);
  } finally {
    closeSync(fd);
  }
}

function nameAt(info: Buffer, offset: number): string {
  const name = info.toString('latin1', offset, offset + NAME_BYTES);
  return name.slice(0, `${name}\0`.indexOf('\0'));
}
