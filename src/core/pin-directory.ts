/** The directory in a bpffs where a splice is pinned: its names, and whose it is. */
import { mkdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { TooLarge } from './bounded-file.ts';
import { BPFFS, isBpffs, isOutOfSight, notWritable, outOfSight, requireBpffs } from './bpffs.ts';
import { SpliceError } from './errors.ts';
import { EVENT_READERS } from './layout.ts';
import { NotOwn, OwnDirectory } from './own-directory.ts';
import { printable } from './printable.ts';

/** Where a splice is pinned unless told otherwise. */
export const DEFAULT_PIN = '/sys/fs/bpf/splice';

/** The names of pins. A bpffs allows no dot in them. */
export const PIN = {
  map: 'INTERCEPT_MAP',
  endpoints: 'endpoints',
  map6: 'INTERCEPT_MAP6',
  endpoints6: 'endpoints6',
  totals: 'totals',
  /** Pinned first and removed last: a directory with it is a splice of ours. */
  settings: 'settings',
  /** Those from here to `watchConnect6` are there when the mode is guarded. */
  turnarounds: 'turnaround_totals',
  eventReaders: 'event_readers',
  lostEvents: 'lost_events',
  policy: 'policy',
  rulesA: 'rules_a',
  rulesB: 'rules_b',
  excludedSockets: 'excluded_sockets',
  registrations: 'registrations',
  keptOut: 'kept_out',
  watchOptions: 'watch_options',
  watchConnect4: 'watch_connect4',
  watchConnect6: 'watch_connect6',
  sockOps: 'handle_sock_ops',
  skMsg: 'redirect_traffic',
  skMsgLink: 'redirect_traffic_link',
  skMsgLink6: 'redirect_traffic_link6',
  /** Of a program that is attached to cgroups. */
  cgroupLink: (program: string, cgroupId: bigint) => `${program}_link_${cgroupId}`,
} as const;

/** The maps, in the order in which they are pinned. */
export const MAP_PINS = [PIN.settings, PIN.totals, PIN.endpoints, PIN.map, PIN.endpoints6, PIN.map6] as const;

/** What is measured and told besides, which only guarded does. */
export const TELEMETRY_MAP_PINS = [PIN.turnarounds, PIN.eventReaders, PIN.lostEvents] as const;

/** What sockets know of their entries, and how many ends were kept out: guarded again. */
export const ENTRY_MAP_PINS = [PIN.registrations, PIN.keptOut] as const;

/** Those of the policy, which only guarded has. */
export const POLICY_MAP_PINS = [PIN.policy, PIN.rulesA, PIN.rulesB, PIN.excludedSockets] as const;

/**
 * A directory for each that can read events at once: whoever has its lock has that place. They are
 * there when the mode is guarded.
 */
export const READER_DIRECTORIES = Array.from({ length: EVENT_READERS }, (_, reader) => `reader_${reader}`);

const SOCK_OPS_LINK = 'handle_sock_ops_link_';
const CGROUP_LINK = /^(?:handle_sock_ops|watch_options|watch_connect[46])_link_\d+$/;
const FIXED: readonly string[] = [
  ...Object.values(PIN).filter((name) => typeof name === 'string'),
  ...READER_DIRECTORIES,
];

/** The pin directory that a command uses when none is named: SPLICE_PIN, or the default. */
export function defaultPin(env: NodeJS.ProcessEnv = process.env): string {
  return env.SPLICE_PIN || DEFAULT_PIN;
}

/** The cgroup ids in the names of the SOCK_OPS links. */
export function linkedCgroupIds(names: readonly string[]): bigint[] {
  return names.filter((name) => name.startsWith(SOCK_OPS_LINK)).map((name) => BigInt(name.slice(SOCK_OPS_LINK.length)));
}

/**
 * Opens a pin directory that is this user's; null when there is none.
 * @throws SpliceError BAD_OPTION, PIN_OCCUPIED, NOT_PERMITTED
 */
export function openPins(directory: string): OwnDirectory | null {
  checkName(directory);
  try {
    return OwnDirectory.open(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw translate(error, directory);
  }
}

/**
 * The names pinned in a directory that is ours; empty when there is no directory, or nothing in it.
 * @throws SpliceError PIN_OCCUPIED when it is not ours, or anything in it is not of a splice's making;
 * NOT_PERMITTED
 */
export function listPins(directory: string): string[] {
  using opened = openPins(directory);
  return opened ? pinsIn(opened, directory) : [];
}

/** The same of one that is open. */
export function pinsIn(opened: OwnDirectory, directory: string): string[] {
  const names = namesIn(opened, directory);
  if (names.length > 0 && opened.isOpenToOthers) throw occupied(directory, 'others may write to it');
  const foreign = names.find((name) => !FIXED.includes(name) && !CGROUP_LINK.test(name));
  if (foreign !== undefined) throw occupied(directory, `'${printable(foreign)}' in it is not of a splice's making`);
  if (names.length > 0 && !names.includes(PIN.settings)) {
    throw occupied(directory, `'${names[0]}' in it was pinned by another program`);
  }
  return names;
}

function namesIn(opened: OwnDirectory, directory: string): string[] {
  try {
    return opened.names();
  } catch (error) {
    throw translate(error, directory);
  }
}

/** Removes every pin, the mark last, and the directory unless it is to be used at once. */
export function removePins(directory: string, { keepDirectory = false } = {}): void {
  using opened = openPins(directory);
  if (opened === null) return;
  const names = pinsIn(opened, directory).filter((name) => name !== PIN.settings);
  for (const name of [...names, PIN.settings]) {
    const remove = READER_DIRECTORIES.includes(name) ? rmdirSync : unlinkSync;
    ignoring('ENOENT', () => remove(opened.at(name)));
  }
  // An empty directory is no splice: it may stay where its parent is another user's.
  if (!keepDirectory) ignoring(['ENOENT', 'EACCES', 'EPERM'], () => rmdirSync(directory));
}

/** Removes the links to one cgroup. */
export function removeLinkPins(directory: string, cgroupId: bigint): void {
  using opened = openPins(directory);
  if (opened === null) return;
  const links = pinsIn(opened, directory).filter((name) => CGROUP_LINK.test(name) && name.endsWith(`_${cgroupId}`));
  for (const name of links) ignoring('ENOENT', () => unlinkSync(opened.at(name)));
}

/** Removes a pin directory without any pin; one that is not in a bpffs is not ours to remove. */
export function removeEmptyDirectory(directory: string): void {
  if (isBpffs(directory)) ignoring('ENOTEMPTY', () => rmdirSync(directory));
}

/**
 * Makes the directory, mode 0700, and mounts the bpffs below it when there is none yet. One that is
 * there already must be this user's.
 * @param mayBePrivate whether it need not outlive this process
 * @throws SpliceError NO_BPFFS, PRIVATE_BPFFS, READ_ONLY, PIN_OCCUPIED, NOT_PERMITTED
 */
export function makePinDirectory(directory: string, { mayBePrivate = false } = {}): void {
  try {
    requireBpffs(directory, { mayBePrivate });
    ignoring('EEXIST', () => mkdirSync(directory, { mode: 0o700 }));
    using opened = OwnDirectory.open(directory);
    opened.closeToOthers();
  } catch (error) {
    throw translate(error, directory);
  }
}

/** The error for a pin directory without a splice. */
export function notLoaded(directory: string): SpliceError {
  if (isOutOfSight(directory)) return outOfSight(directory);
  return new SpliceError(
    'NOT_LOADED',
    `no splice is loaded at ${printable(directory)}`,
    "'splice up --cgroup DIR' loads one, 'splice demo' shows one; --pin DIR names another place",
  );
}

/** A bpffs takes no dot in a name (kernel/bpf/inode.c, bpf_lookup). */
function checkName(directory: string): void {
  const name = basename(directory);
  if (name !== '' && !name.includes('.')) return;
  throw new SpliceError(
    'BAD_OPTION',
    `'${printable(directory)}' cannot be a pin directory: ${name === '' ? 'it has no name' : "a bpffs takes no '.' in a name"}`,
    `--pin ${BPFFS}/NAME`,
  );
}

/** The error for a pin directory that is not ours to use. */
export function occupied(directory: string, why: string): SpliceError {
  return new SpliceError(
    'PIN_OCCUPIED',
    `the pin directory ${printable(directory)} is somebody else's: ${why}`,
    `another directory: --pin ${BPFFS}/NAME; nothing there was touched`,
  );
}

/** An error of the file system as what it means for a pin directory. */
export function translate(error: unknown, directory: string): unknown {
  if (error instanceof NotOwn || error instanceof TooLarge) return occupied(directory, error.message);
  const code = codeOf(error);
  if (code === 'ENOTDIR' || code === 'ELOOP') return occupied(directory, 'it is not a directory');
  return notWritable(error, directory);
}

/** `ENOENT` and the like, of an error of the system; undefined of any other. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function ignoring(codes: string | readonly string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (![codes].flat().includes(codeOf(error) ?? '')) throw error;
  }
}
