/** What happens to the entries of a splice, one by one, as a BPF ring buffer tells it. */
import type { PassReason } from './layout.ts';
import type { KeyInput } from './sock-key.ts';

/** One thing that happened to an entry. */
export interface SpliceEvent {
  /**
   * `opened`: a connection got its entry. `closed`: its socket was closed; or, with the reason
   * `noPeer`, its peer turned out not to be here, and the entry left. `firstRedirect`, then
   * `fellBack` to TCP for a reason, and `backToRedirect`: what its messages do. `message`: one
   * message of an entry that is traced.
   */
  readonly type: 'opened' | 'firstRedirect' | 'fellBack' | 'backToRedirect' | 'closed' | 'message';
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
  readonly key: string;
  readonly cookie: string;
  /** Why it passed: of `fellBack`, of a `message` that passed, and of `closed` as said above. */
  readonly reason: PassReason | null;
  /** Of a `message`. */
  readonly bytes: number | null;
  /** Of a `message` that answers one of its peer: how long after it, in microseconds. */
  readonly turnaroundUs: number | null;
}

/** What came since the last read. */
export interface EventBatch {
  readonly events: SpliceEvent[];
  /** How many could not be kept because they were not read in time. */
  readonly lost: number;
}

/** Reads the events of a splice from its making on; does not wait. */
export interface EventReader extends Disposable {
  read(): EventBatch;
  /** Begins or ends the `message` events of an entry and its peer, for this reader. */
  trace(key: KeyInput, on: boolean): void;
  close(): void;
}
