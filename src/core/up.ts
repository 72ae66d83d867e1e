/** `up`: loads the two programs, attaches them and pins everything, or leaves nothing behind. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { inspect } from 'node:util';
import { type Cgroup, findCgroup2, openCgroup } from './cgroup.ts';
import { takeDown } from './down.ts';
import { SpliceError } from './errors.ts';
import { FAMILIES } from './family.ts';
import { KernelError } from './kernel-error.ts';
import { requireWakeFunctions } from './kernel-symbols.ts';
import { MODES, type Mode } from './layout.ts';
import {
  attachProgram,
  BPF_CGROUP_INET4_CONNECT,
  BPF_CGROUP_INET6_CONNECT,
  BPF_CGROUP_SETSOCKOPT,
  BPF_CGROUP_SOCK_OPS,
  BPF_SK_MSG_VERDICT,
  createLink,
  type LoadedObject,
  pin,
  requireLibbpf,
} from './libbpf.ts';
import { loadOurObject } from './objects.ts';
import { checkOptions } from './options.ts';
import { OwnDirectory } from './own-directory.ts';
import {
  ENTRY_MAP_PINS,
  linkedCgroupIds,
  listPins,
  MAP_PINS,
  makePinDirectory,
  PIN,
  POLICY_MAP_PINS,
  READER_DIRECTORIES,
  removePins,
  TELEMETRY_MAP_PINS,
} from './pin-directory.ts';
import { lockPins } from './pin-lock.ts';
import { PinnedMaps, writeSettings } from './pinned.ts';
import { checkPolicy, isSamePolicy, type Policy } from './policy.ts';
import { policyMapsOf, readPolicy, replacePolicy } from './policy-maps.ts';
import { asText, printable } from './printable.ts';
import { requirePrivileges } from './privileges.ts';
import { defaultQueueLimit } from './queue-limit.ts';

/** How many entries INTERCEPT_MAP holds unless told otherwise. */
export const DEFAULT_MAX_ENTRIES = 65_536;

/** The hash of endpoints is kept half empty: its chains are short then. */
const ROOM_PER_ENTRY = 2;

const MOST_ATTEMPTS = 5;

/** What to load, where it is attached, and what stays out of the map. */
export interface UpOptions {
  /** Directories of cgroup v2; the root cgroup when none is named. */
  cgroups?: readonly string[];
  /** `guarded` by default; `naive` is for teaching. */
  mode?: Mode;
  maxEntries?: number;
  /** Which connections stay out of the map; for `guarded` only; by default those of DEFAULT_EXCLUDED. */
  policy?: Partial<Policy>;
  /** Lets `naive` attach to the root cgroup. */
  force?: boolean;
}

/**
 * Brings a splice up.
 * @returns false when just this splice was up already
 * @throws SpliceError, and then nothing is left: NOT_PERMITTED, NO_CGROUP2, NO_SUCH_CGROUP,
 * ROOT_CGROUP, BAD_MODE, BAD_OPTION, NO_BPFFS, PIN_OCCUPIED, BUSY, ALREADY_UP, NO_LIBBPF, NO_SYMBOLS,
 * NO_OBJECT, VERIFIER, KERNEL_REFUSED
 */
export function up(directory: string, options: UpOptions = {}): boolean {
  requirePrivileges();
  const wanted = check(options);
  requireLibbpf();
  if (wanted.mode === 'guarded') requireWakeFunctions();
  listPins(directory);
  using _lock = makeAndLock(directory);
  if (listPins(directory).length > 0 && isAlreadyUp(directory, wanted)) return false;
  try {
    build(directory, wanted);
  } catch (error) {
    removePins(directory);
    throw error instanceof KernelError ? refused(error) : error;
  }
  return true;
}

/** A `down` may remove the directory between its making and its locking. */
function makeAndLock(directory: string): Disposable {
  for (let attempt = 1; ; attempt++) {
    makePinDirectory(directory);
    try {
      return lockPins(directory);
    } catch (error) {
      const gone = error instanceof SpliceError && error.code === 'NOT_LOADED';
      if (!gone || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

interface Wanted {
  cgroups: Cgroup[];
  mode: Mode;
  maxEntries: number;
  /** Undefined: whichever is there. */
  policy: Policy | undefined;
}

const UP_OPTIONS = {
  cgroups: 'paths',
  mode: 'any',
  maxEntries: 'any',
  policy: 'any',
  force: 'boolean',
} as const;

function check(options: UpOptions): Wanted {
  checkOptions('up', options, UP_OPTIONS);
  const { mode = 'guarded', maxEntries = DEFAULT_MAX_ENTRIES } = options;
  if (!MODES.includes(mode)) {
    throw new SpliceError(
      'BAD_MODE',
      `there is no mode ${printable(inspect(mode))}`,
      '--mode guarded, or --mode naive',
    );
  }
  if (!Number.isInteger(maxEntries) || maxEntries < 2 || maxEntries > 1 << 24) {
    throw new SpliceError(
      'BAD_OPTION',
      `${printable(asText(maxEntries))} entries: not a whole number from 2 to ${1 << 24}`,
      '--max-entries 65536',
    );
  }
  const policy = options.policy && checkPolicy(options.policy);
  if (policy && mode === 'naive') {
    throw new SpliceError('BAD_OPTION', 'naive has no policy: it takes in every connection', '--mode guarded');
  }
  const root = findCgroup2();
  const paths = options.cgroups?.length ? options.cgroups : [root];
  const byId = new Map(paths.map((path) => openCgroup(path)).map((cgroup) => [cgroup.id, cgroup]));
  const cgroups = [...byId.values()];
  const rootId = openCgroup(root).id;
  if (mode === 'naive' && !options.force && cgroups.some(({ id }) => id === rootId)) {
    throw new SpliceError(
      'ROOT_CGROUP',
      'naive loses and reorders bytes, and the root cgroup has every connection of this machine',
      'a cgroup of your own with --cgroup DIR, or --mode guarded; --force does it all the same',
    );
  }
  return { cgroups, mode, maxEntries, policy };
}

/** Whether what is up is what is wanted; what was left half way is taken down first. */
function isAlreadyUp(directory: string, wanted: Wanted): boolean {
  using pinned = new PinnedMaps(directory);
  const { mode, traffic } = pinned.settings();
  if (traffic === 'drain' || !pinned.whole) {
    takeDown(pinned);
    return false;
  }
  const linked = linkedCgroupIds(pinned.names);
  const sameCgroups = linked.length === wanted.cgroups.length && wanted.cgroups.every(({ id }) => linked.includes(id));
  const sameSize = pinned.mapInfo().maxEntries === wanted.maxEntries;
  if (mode === wanted.mode && sameCgroups && sameSize) {
    requireSamePolicy(pinned, wanted.policy);
    return true;
  }
  throw new SpliceError(
    'ALREADY_UP',
    `another splice is up at ${printable(directory)}: mode ${mode}, ${linked.length} cgroup(s), room for ${pinned.mapInfo().maxEntries} entries`,
    "'splice status' shows it, 'splice down' removes it, --pin DIR puts a second one beside it",
  );
}

function requireSamePolicy(pinned: PinnedMaps, wanted: Policy | undefined): void {
  if (!wanted || isSamePolicy(wanted, readPolicy(policyMapsOf(pinned)))) return;
  throw new SpliceError(
    'ALREADY_UP',
    `this splice is up at ${printable(pinned.directory)} with another policy`,
    "'splice policy' shows it, and replaces it while the splice runs",
  );
}

const SOCK_OPS = [PIN.sockOps, BPF_CGROUP_SOCK_OPS] as const;

/** What guarded watches besides. Attached first: nothing may happen unseen to what SOCK_OPS lets in. */
const WATCHERS = [
  [PIN.watchOptions, BPF_CGROUP_SETSOCKOPT],
  [PIN.watchConnect4, BPF_CGROUP_INET4_CONNECT],
  [PIN.watchConnect6, BPF_CGROUP_INET6_CONNECT],
] as const;

/**
 * The switch stands on `drain` until the last link is attached: no socket gets an entry in a splice
 * that is not whole, and one that was cut short can be told from one that is up.
 */
function build(directory: string, { cgroups, mode, maxEntries, policy }: Wanted): void {
  const sizes = FAMILIES.flatMap(({ map, endpoints }) => [
    [map, { maxEntries }],
    [endpoints, { maxEntries: maxEntries * ROOM_PER_ENTRY }],
  ]);
  const object = loadOurObject(mode, Object.fromEntries(sizes));
  try {
    using opened = OwnDirectory.open(directory);
    const path = (name: string) => opened.at(name);
    const settings = { mode, queueLimit: defaultQueueLimit() };
    writeSettings(object.mapFd(PIN.settings), { ...settings, traffic: 'drain' });
    const maps =
      mode === 'guarded' ? [...MAP_PINS, ...TELEMETRY_MAP_PINS, ...POLICY_MAP_PINS, ...ENTRY_MAP_PINS] : MAP_PINS;
    for (const name of maps) pin(object.mapFd(name), path(name));
    if (mode === 'guarded') for (const name of READER_DIRECTORIES) mkdirSync(path(name), { mode: 0o700 });
    const programs = mode === 'guarded' ? [...WATCHERS, SOCK_OPS] : [SOCK_OPS];
    for (const name of [PIN.skMsg, ...programs.map(([name]) => name)]) pin(object.programFd(name), path(name));
    attachVerdict(object, PIN.map, path(PIN.skMsgLink));
    attachVerdict(object, PIN.map6, path(PIN.skMsgLink6));
    for (const cgroup of cgroups) {
      for (const [name, type] of programs) {
        attachToCgroup(object.programFd(name), cgroup, type, path(PIN.cgroupLink(name, cgroup.id)));
      }
    }
    if (mode === 'guarded') replacePolicy(object.mapFd, policy ?? checkPolicy({}));
    writeSettings(object.mapFd(PIN.settings), { ...settings, traffic: 'redirect' });
  } finally {
    object.close();
  }
}

/** Sockmap links came with Linux 6.10; before, a program is attached to the map for its lifetime. */
function attachVerdict(object: LoadedObject, mapName: string, path: string): void {
  const program = object.programFd(PIN.skMsg);
  const map = object.mapFd(mapName);
  try {
    pinLink(createLink(program, map, BPF_SK_MSG_VERDICT), path);
  } catch (error) {
    if (!(error instanceof KernelError) || error.errnoName !== 'EINVAL') throw error;
    attachProgram(program, map, BPF_SK_MSG_VERDICT);
  }
}

function attachToCgroup(program: number, cgroup: Cgroup, type: number, path: string): void {
  const directory = openSync(cgroup.path, 'r');
  try {
    pinLink(createLink(program, directory, type), path);
  } finally {
    closeSync(directory);
  }
}

function pinLink(link: number, path: string): void {
  try {
    pin(link, path);
  } finally {
    closeSync(link);
  }
}

function refused(error: KernelError): SpliceError {
  return new SpliceError(
    'KERNEL_REFUSED',
    `the kernel refuses: ${error.message}`,
    error.errnoName === 'EPERM'
      ? 'the same as root; a cgroup may forbid programs of its own'
      : "'DEBUG=splice' for more",
    error,
  );
}
