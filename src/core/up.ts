/** `up`: loads the two programs, attaches them and pins everything, or leaves nothing behind. */
import { mkdirSync } from 'node:fs';
import { inspect } from 'node:util';
import { attachPinnedTo, attachToCgroup, attachVerdict, cgroupPrograms, neighbourWarnings, refused } from './attach.ts';
import { type Cgroup, CgroupPaths, findCgroup2, openCgroup } from './cgroup.ts';
import { takeDown } from './down.ts';
import { SpliceError } from './errors.ts';
import { FAMILIES } from './family.ts';
import { KernelError } from './kernel-error.ts';
import { requireWakeFunctions } from './kernel-symbols.ts';
import { MODES, type Mode } from './layout.ts';
import { pin, requireLibbpf } from './libbpf.ts';
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
  removeLinkPins,
  removePins,
  TELEMETRY_MAP_PINS,
} from './pin-directory.ts';
import { lockPins } from './pin-lock.ts';
import { PinnedMaps, writeSettings } from './pinned.ts';
import { rootWarnings } from './places.ts';
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

/** What an `up` found and did. */
export interface UpReport {
  /** Whether just this splice was up already. */
  already: boolean;
  /** What to know of the place it is in, a sentence each. */
  warnings: string[];
}

/**
 * Brings a splice up. One that is up already is attached to those of its cgroups that were removed and
 * made again, as a restarted service has it.
 * @param mayBePrivate whether it need not outlive this process and its like
 * @throws SpliceError, and then nothing is left: NOT_PERMITTED, NO_CGROUP2, NO_SUCH_CGROUP,
 * ROOT_CGROUP, BAD_MODE, BAD_OPTION, NO_BPFFS, PRIVATE_BPFFS, READ_ONLY, PIN_OCCUPIED, BUSY, ALREADY_UP,
 * NO_LIBBPF, NO_SYMBOLS, NO_OBJECT, NO_RESOURCES, VERIFIER, KERNEL_REFUSED
 */
export function up(directory: string, options: UpOptions = {}, { mayBePrivate = false } = {}): UpReport {
  requirePrivileges('load');
  const wanted = check(options);
  requireLibbpf();
  if (wanted.mode === 'guarded') requireWakeFunctions();
  listPins(directory);
  using _lock = makeAndLock(directory, mayBePrivate);
  const attached = listPins(directory).length > 0 ? attachAgain(directory, wanted) : null;
  if (attached === null) {
    try {
      build(directory, wanted);
    } catch (error) {
      removePins(directory);
      throw error instanceof KernelError ? refused(error) : error;
    }
  }
  const again = (attached ?? []).map(
    ({ path }) => `${printable(path)} was removed and made again: attached to the new one`,
  );
  const about = [
    ...rootWarnings(wanted.cgroups.map(({ path }) => path)),
    ...neighbourWarnings(wanted.cgroups, directory),
  ];
  return { already: attached !== null, warnings: [...again, ...about] };
}

/** A `down` may remove the directory between its making and its locking. */
function makeAndLock(directory: string, mayBePrivate: boolean): Disposable {
  for (let attempt = 1; ; attempt++) {
    makePinDirectory(directory, { mayBePrivate });
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

/**
 * Null when nothing is up, which may be so because what was left half way has been taken down. When it is what
 * is wanted, the cgroups that stand where removed ones stood: it is attached to them.
 * @throws SpliceError ALREADY_UP
 */
function attachAgain(directory: string, wanted: Wanted): Cgroup[] | null {
  using pinned = new PinnedMaps(directory);
  const { mode, traffic } = pinned.settings();
  if (traffic === 'drain' || !pinned.whole) {
    takeDown(pinned);
    return null;
  }
  const linked = linkedCgroupIds(pinned.names);
  const paths = new CgroupPaths();
  const [removed, living] = [linked.filter((id) => paths.isRemoved(id)), linked.filter((id) => !paths.isRemoved(id))];
  const missing = wanted.cgroups.filter(({ id }) => !living.includes(id));
  const sameCgroups =
    living.every((id) => wanted.cgroups.some((cgroup) => cgroup.id === id)) && missing.length <= removed.length;
  const sameSize = pinned.mapInfo().maxEntries === wanted.maxEntries;
  if (mode === wanted.mode && sameCgroups && sameSize) {
    requireSamePolicy(pinned, wanted.policy);
    for (const cgroup of missing) attachPinnedTo(mode, cgroup, pinned);
    for (const id of removed) removeLinkPins(directory, id);
    return missing;
  }
  throw new SpliceError(
    'ALREADY_UP',
    `another splice is up at ${printable(directory)}: mode ${mode}, ${living.length === 1 ? '1 cgroup' : `${living.length} cgroups`}, room for ${pinned.mapInfo().maxEntries} entries`,
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
    for (const name of [PIN.skMsg, ...cgroupPrograms(mode)]) pin(object.programFd(name), path(name));
    attachVerdict(object, PIN.map, path(PIN.skMsgLink));
    attachVerdict(object, PIN.map6, path(PIN.skMsgLink6));
    for (const cgroup of cgroups) attachToCgroup(object.programFd, mode, cgroup, path);
    if (mode === 'guarded') replacePolicy(object.mapFd, policy ?? checkPolicy({}));
    writeSettings(object.mapFd(PIN.settings), { ...settings, traffic: 'redirect' });
  } finally {
    object.close();
  }
}
