/** What the live view does with a recording: writes one, and says where one stands. */
import { basename } from 'node:path';
import { printable } from '../core/index.ts';
import type { Recorder } from '../recording/recorder.ts';
import { formatBytes } from '../view/format.ts';
import type { ReplayControls } from './source.ts';
import type { Store } from './store.ts';

/** The turnarounds of all entries are asked for this often, unless there are more entries than this. */
const TURNAROUNDS_EVERY_MS = 1000;
const MOST_ENTRIES = 2000;

const BAR = 24;

/** Records each look of the store, with all that is known then. */
export function recordLooks(store: Store, recorder: Recorder): void {
  let askedMs = Number.NEGATIVE_INFINITY;
  store.onLook((look, batch) => {
    const { rows, turnaround } = store.getState();
    const { owners, turnarounds } = rows.known;
    const { atMs, entries, status } = look;
    const asksAll = status.loaded && entries.length <= MOST_ENTRIES && atMs - askedMs >= TURNAROUNDS_EVERY_MS;
    if (asksAll) askedMs = atMs;
    recorder.record({
      ...look,
      ...batch,
      owners,
      turnarounds: asksAll ? store.source.turnarounds() : turnarounds,
      ...(turnaround ? { total: turnaround } : {}),
    });
  });
}

/** The line under the header of a view that is recorded. */
export function recordingLine({ path, bytes, problem }: Recorder['state']): string {
  const name = printable(basename(path));
  if (problem) return `○ the recording ended: ${problem.message}`;
  return `● recording to ${name}, ${formatBytes(bytes)}`;
}

/** The line under the header of a replay: where it stands, how fast it goes, and what is wrong with it. */
export function replayLine({ path, note, playback }: ReplayControls): string {
  const { positionMs, durationMs, speed, isPlaying, isAtEnd } = playback;
  const sign = isPlaying ? '▶' : isAtEnd ? '■' : '‖';
  const done = durationMs === 0 ? BAR : Math.round((BAR * positionMs) / durationMs);
  const bar = '━'.repeat(done) + '─'.repeat(BAR - done);
  const at = `${clock(positionMs)} / ${clock(durationMs)}`;
  return `${sign} replay ${bar} ${at}  ×${speed}  ${printable(basename(path))}${note ? `  (${note})` : ''}`;
}

/** Minutes, seconds and tenths: `0:04.2`. */
function clock(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const seconds = String(Math.floor(tenths / 10) % 60).padStart(2, '0');
  return `${Math.floor(tenths / 600)}:${seconds}.${tenths % 10}`;
}
