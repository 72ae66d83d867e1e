/** The library: everything the command line, the TUI and the REPL know about a splice. */
export type { AdoptionReport } from './adoption.ts';
export { findCgroup2 } from './cgroup.ts';
export type { DownOptions, DownReport } from './down.ts';
export type { DeleteOptions, DeleteReport, SocketOwner } from './edits.ts';
export { Entry, type EntryJson, type Owner, type OwnerDetail, TCP_STATES } from './entry.ts';
export { type ErrorCode, exitStatusOf, formatError, InputError, SpliceError } from './errors.ts';
export type { EventBatch, EventReader, SpliceEvent } from './events.ts';
export type { OpenSocket } from './find-sockets.ts';
export {
  type Counters,
  KEPT_OUT_REASONS,
  type KeptOut,
  type KeptOutReason,
  type LeaveReason,
  MODES,
  type Mode,
  PASS_REASONS,
  type Passes,
  type PassReason,
  type Verdict,
} from './layout.ts';
export { nearest } from './nearest.ts';
export { createNewFile, notWritten } from './new-file.ts';
export { checkOptions } from './options.ts';
export { DEFAULT_PIN, defaultPin } from './pin-directory.ts';
export { placeWarnings } from './places.ts';
export { BLOCKING_READERS, type BlockingReaders, DEFAULT_EXCLUDED, type Policy } from './policy.ts';
export { printable } from './printable.ts';
export type { ProcessDetail } from './process.ts';
export type { Route } from './route.ts';
export { formatEnd, type KeyInput, SockKey } from './sock-key.ts';
export { openSplice, Splice } from './splice.ts';
export type { Condition, Snapshot, Status } from './status.ts';
export { finish, type Steps } from './steps.ts';
export { bucketNs, countOf, type Histogram, quantile, type Turnaround } from './turnaround.ts';
export { DEFAULT_MAX_ENTRIES, type UpOptions, type UpReport } from './up.ts';
