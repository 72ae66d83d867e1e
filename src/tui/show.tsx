/** The full-screen view, for whoever has a splice. Loaded only when there is a terminal. */
import type { Filter } from '../filter/index.ts';
import { App } from './components/App.tsx';
import { AS_OPENED } from './rows/arrange.ts';
import type { Source } from './source.ts';
import { DEFAULT_INTERVAL_MS, Store } from './store.ts';
import { showFullScreen } from './terminal.ts';
import { Ui } from './ui.ts';

export interface TuiOptions {
  readonly splice: Source;
  /** Between two polls; DEFAULT_INTERVAL_MS unless told. */
  readonly intervalMs?: number | undefined;
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
 * @throws whatever is thrown meanwhile, after the screen was restored
 */
export async function show(options: TuiOptions): Promise<void> {
  const {
    splice,
    intervalMs = DEFAULT_INTERVAL_MS,
    readOnly = false,
    filter,
    mouse = true,
    headline,
    signal,
  } = options;
  const arrangement = filter ? { ...AS_OPENED, filter } : AS_OPENED;
  const store = new Store({ source: splice, intervalMs, arrangement, headline });
  const ui = new Ui({ readOnly });
  try {
    store.start();
    await showFullScreen(<App store={store} ui={ui} />, { signal, mouse });
  } finally {
    store.stop();
  }
}
