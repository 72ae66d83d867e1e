/**
 * libbpf: objects, pins and links; map-elements.ts and ring-buffer.ts go on from here. Besides these, only
 * libc.ts and descriptors.ts call foreign functions. Everything takes and returns file descriptors,
 * names and buffers; every failure is a KernelError.
 */
import type { LibraryHandle } from 'koffi';
import { SpliceError } from './errors.ts';
import { ffi } from './ffi.ts';
import { KernelError } from './kernel-error.ts';
import { cutShort, outOfResources } from './resources.ts';

/** include/uapi/linux/bpf.h */
export const BPF_CGROUP_SOCK_OPS = 3;
export const BPF_SK_MSG_VERDICT = 7;
export const BPF_CGROUP_INET4_CONNECT = 10;
export const BPF_CGROUP_INET6_CONNECT = 11;
export const BPF_CGROUP_SETSOCKOPT = 22;
const BPF_TRACE_ITER = 28;
const BPF_STATS_RUN_TIME = 0;

/** The verifier's log comes as one message; what is longer than this is cut. */
const LONGEST_MESSAGE = 1 << 22;
const LIBBPF_DEBUG = 2;

// Built at the first call, so that pure functions work on machines without libbpf.
type Functions = ReturnType<typeof bind>;
let functions: Functions | undefined;
const messages: string[] = [];

/** The functions of libbpf, for the files that are part of what this one is. */
export function call(): Functions {
  functions ??= bind();
  return functions;
}

/** @throws SpliceError NO_LIBBPF, NO_RESOURCES */
export function openLibbpf(): LibraryHandle {
  const koffi = ffi();
  try {
    return koffi.load('libbpf.so.1');
  } catch (cause) {
    const short = outOfResources(cause, 'loading libbpf.so.1');
    if (short !== null) throw short;
    throw new SpliceError(
      'NO_LIBBPF',
      'the library libbpf.so.1 cannot be loaded',
      "install it: 'apt-get install libbpf1' on Debian, 'libbpf' elsewhere",
      cause,
    );
  }
}

function bind() {
  const koffi = ffi();
  const bpf = openLibbpf();
  const libc = koffi.load(null);
  koffi.struct('iter_link_info', { map_fd: 'uint32_t', padding: koffi.array('uint32_t', 3) });
  koffi.struct('link_create_opts', {
    sz: 'size_t',
    flags: 'uint32_t',
    iter_info: 'iter_link_info *',
    iter_info_len: 'uint32_t',
    target_btf_id: 'uint32_t',
  });
  const print = koffi.proto('int print(int level, const char *format, void *arguments)');
  const vsnprintf = libc.func('int vsnprintf(_Out_ void *text, size_t size, const char *format, void *arguments)');
  const collect = koffi.register((level: number, format: string, args: unknown) => {
    if (level === LIBBPF_DEBUG) return 0;
    const text = Buffer.allocUnsafe(LONGEST_MESSAGE);
    const length = vsnprintf(text, text.length, format, args);
    messages.push(text.toString('utf8', 0, Math.min(length, text.length - 1)));
    return 0;
  }, koffi.pointer(print));
  bpf.func('void *libbpf_set_print(print *callback)')(collect);

  return {
    open: bpf.func('void *bpf_object__open_file(const char *path, void *opts)'),
    load: bpf.func('int bpf_object__load(void *object)'),
    close: bpf.func('void bpf_object__close(void *object)'),
    findMap: bpf.func('void *bpf_object__find_map_by_name(void *object, const char *name)'),
    findProgram: bpf.func('void *bpf_object__find_program_by_name(void *object, const char *name)'),
    mapFd: bpf.func('int bpf_map__fd(void *map)'),
    programFd: bpf.func('int bpf_program__fd(void *program)'),
    initialValue: bpf.func('void *bpf_map__initial_value(void *map, _Out_ size_t *size)'),
    setMaxEntries: bpf.func('int bpf_map__set_max_entries(void *map, uint32_t entries)'),
    reuseFd: bpf.func('int bpf_map__reuse_fd(void *map, int fd)'),
    pin: bpf.func('int bpf_obj_pin(int fd, const char *path)'),
    get: bpf.func('int bpf_obj_get(const char *path)'),
    info: bpf.func('int bpf_obj_get_info_by_fd(int fd, void *info, _Inout_ uint32_t *length)'),
    lookup: bpf.func('int bpf_map_lookup_elem(int fd, const void *key, void *value)'),
    update: bpf.func('int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)'),
    nextKey: bpf.func('int bpf_map_get_next_key(int fd, const void *key, void *next)'),
    lookupBatch: bpf.func(
      'int bpf_map_lookup_batch(int fd, void *from, void *next, void *keys, void *values, _Inout_ uint32_t *count, void *opts)',
    ),
    remove: bpf.func('int bpf_map_delete_elem(int fd, const void *key)'),
    linkCreate: bpf.func('int bpf_link_create(int program, int target, int type, const link_create_opts *opts)'),
    linkDetach: bpf.func('int bpf_link_detach(int fd)'),
    attach: bpf.func('int bpf_prog_attach(int program, int target, int type, unsigned int flags)'),
    iterCreate: bpf.func('int bpf_iter_create(int link)'),
    query: bpf.func(
      'int bpf_prog_query(int target, int type, uint32_t flags, _Out_ uint32_t *attach, _Out_ uint32_t *ids, _Inout_ uint32_t *count)',
    ),
    programById: bpf.func('int bpf_prog_get_fd_by_id(uint32_t id)'),
    mapById: bpf.func('int bpf_map_get_fd_by_id(uint32_t id)'),
    enableStats: bpf.func('int bpf_enable_stats(int type)'),
    version: bpf.func('const char *libbpf_version_string()'),
    possibleCpus: bpf.func('int libbpf_num_possible_cpus()'),
  };
}

/** @throws KernelError when the result is a negative error number */
export function check(operation: string, result: number, log = ''): number {
  if (result < 0) throw new KernelError(operation, -result, log);
  return result;
}

/**
 * Loads the library now instead of at the first call.
 * @throws SpliceError NO_LIBBPF
 */
export function requireLibbpf(): void {
  call();
}

/** An eBPF object in the kernel. Its descriptors live until close(). */
export interface LoadedObject {
  mapFd(name: string): number;
  programFd(name: string): number;
  close(): void;
}

/** For a map's name, the size to create it with or the descriptor of one to use instead. */
type MapUses = Record<string, { maxEntries: number } | { fd: number }>;

/**
 * What a program cannot find out by itself, by the section of its constants: what gives the 64-bit words
 * that they begin with. It is asked for objects that have such a section.
 */
export type Constants = Readonly<Record<`.rodata.${string}`, () => readonly bigint[]>>;

/**
 * Opens a compiled object and loads its maps and programs. It is tried with bpf_rdonly_cast() first, unless the
 * constants say otherwise: only the kernel knows whether it has it for these programs.
 * @throws KernelError whose log has the verifier's words
 */
export function loadObject(path: string, maps: MapUses, constants: Constants): LoadedObject {
  try {
    return loadWith(path, maps, { ...HAS_RDONLY_CAST, ...constants });
  } catch (error) {
    if (!(error instanceof KernelError) || error.errnoName === 'EPERM') throw error;
    if (cutShort(error, '') !== null) throw error;
    return loadWith(path, maps, constants);
  }
}

/** bpf/kernel_read.h */
const HAS_RDONLY_CAST: Constants = { '.rodata.cast': () => [1n] };

function loadWith(path: string, maps: MapUses, constants: Constants): LoadedObject {
  const { open, findMap, findProgram, mapFd, programFd, setMaxEntries, reuseFd, initialValue } = call();
  messages.length = 0;
  const object = open(path, null);
  if (object === null) throw new KernelError(`open ${path}`, ffi().errno(), messages.join(''));
  const known = (pointer: unknown, name: string) => {
    if (pointer === null) throw new KernelError(`find ${name} in ${path}`, 2);
    return pointer;
  };
  const close = () => call().close(object);
  try {
    for (const [name, use] of Object.entries(maps)) {
      const map = known(findMap(object, name), name);
      if ('fd' in use) check(`reuse map ${name}`, reuseFd(map, use.fd));
      else check(`size map ${name}`, setMaxEntries(map, use.maxEntries));
    }
    for (const [section, valuesOf] of Object.entries(constants)) {
      const map = findMap(object, section);
      if (map === null) continue;
      const values = valuesOf();
      ffi().encode(initialValue(map, [0]), ffi().array('uint64_t', values.length), values);
    }
    const loaded = call().load(object);
    check(`load ${path}`, loaded, messages.join(''));
  } catch (error) {
    close();
    throw error;
  }
  return {
    mapFd: (name) => mapFd(known(findMap(object, name), name)),
    programFd: (name) => programFd(known(findProgram(object, name), name)),
    close,
  };
}

/** Pins a map, program or link at a path in a bpffs. */
export function pin(fd: number, path: string): void {
  check(`pin ${path}`, call().pin(fd, path));
}

/** Opens what is pinned at a path; the caller closes the descriptor. */
export function openPinned(path: string): number {
  return check(`open pin ${path}`, call().get(path));
}

/** The kernel's bpf_map_info or bpf_link_info, as it is. */
export function objectInfo(fd: number): DataView {
  const info = new ArrayBuffer(256);
  check('read object info', call().info(fd, new Uint8Array(info), [info.byteLength]));
  return new DataView(info);
}

/** Number of slots a per-CPU value has. */
export function possibleCpus(): number {
  return check('count CPUs', call().possibleCpus());
}

/** Attaches a program to a cgroup or map through a link; the caller closes or pins it. */
export function createLink(programFd: number, targetFd: number, type: number): number {
  return check('attach program', call().linkCreate(programFd, targetFd, type, null));
}

/** Attaches without a link (older kernels): holds until the target is gone. */
export function attachProgram(programFd: number, targetFd: number, type: number): void {
  check('attach program', call().attach(programFd, targetFd, type, 0));
}

/** Detaches a link at once, whoever else has it open. */
export function detachLink(fd: number): void {
  check('detach link', call().linkDetach(fd));
}

/** Counts the runs of every program and their time, until the descriptor is closed. */
export function enableStats(): number {
  return check('enable statistics', call().enableStats(BPF_STATS_RUN_TIME));
}

/** libbpf's version, as in `v1.1`. */
export function libbpfVersion(): string {
  return call().version() as string;
}

/** A link to an iterator program; over a map when `mapFd` is given. */
export function createIteratorLink(programFd: number, mapFd?: number): number {
  const over = mapFd === undefined ? null : { map_fd: mapFd, padding: [0, 0, 0] };
  const options = { sz: 32, flags: 0, iter_info: over, iter_info_len: over ? 16 : 0, target_btf_id: 0 };
  return check('create iterator', call().linkCreate(programFd, 0, BPF_TRACE_ITER, options));
}

/** Starts one pass of an iterator; reading the descriptor runs the program. */
export function startIterator(linkFd: number): number {
  return check('start iterator', call().iterCreate(linkFd));
}
