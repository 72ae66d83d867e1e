/** The full-screen view, for whoever has a splice. Loaded only when there is a terminal. */
import type { Filter } from '../filter/index.ts';
import { Recorder } from '../recording/recorder.ts';
import { App } from './components/App.tsx';
import { keepMemorySmall } from './memory.ts';
import { recordingLine, recordLooks, replayLine } from './recording.ts';
import { AS_OPENED } from './rows/arrange.ts';
import type { Source } from './source.ts';
import { DEFAULT_INTERVAL_MS, Store } from './store.ts';
import { showFullScreen } from './terminal.ts';
import { Ui } from './ui.ts';

export interface TuiOptions {
  readonly splice: Source;
  /** Between two polls; DEFAULT_INTERVAL_MS unless told. */
  readonly intervalMs?: number | undefined;
  /** A file to record into what is seen; it must not be there yet. */
  readonly record?: string | undefined;
  /** Takes every key away that changes something. */
  readonly readOnly?: boolean | undefined;
  /** Which entries are shown at first. */
  readonly filter?: Filter | undefined;
  /** Whether the mouse is the view's; it is unless told. */
  readonly mouse?: boolean | undefined;
  /** Up to three lines under the header, asked for at each poll. */
  readonly headline?: (() => string[]) | undefined;
  /** Ends the view when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Shows the live view until the user quits, `signal` aborts or a signal tells the process to end.
 * @throws SpliceError FILE_NOT_WRITTEN before the screen is taken, or after it when the recording ended early;
 * whatever is thrown meanwhile, after the screen was restored
 */
export async function show(options: TuiOptions): Promise<void> {
  const {
    splice,
    intervalMs = DEFAULT_INTERVAL_MS,
    readOnly = false,
    filter,
    mouse = true,
    record,
    headline,
    signal,
  } = options;
  const { replay } = splice;
  using recorder = record === undefined ? null : new Recorder(record, splice, { intervalMs });
  const lines = () => [
    ...(replay ? [replayLine(replay)] : []),
    ...(recorder ? [recordingLine(recorder.state)] : []),
    ...(headline?.() ?? []),
  ];
  const arrangement = filter ? { ...AS_OPENED, filter } : AS_OPENED;
  const store = new Store({ source: splice, intervalMs, arrangement, headline: lines });
  const ui = new Ui({ readOnly, isReplay: replay !== undefined });
  if (recorder) recordLooks(store, recorder);
  keepMemorySmall();
  try {
    store.start();
    await showFullScreen(<App store={store} ui={ui} />, { signal, mouse });
  } finally {
    await store.stop();
  }
  if (recorder?.state.problem) throw recorder.state.problem;
}
