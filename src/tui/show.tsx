/** The full-screen view, for whoever has a splice. Loaded only when there is a terminal. */
import type { Splice } from '../core/index.ts';
import { App } from './components/App.tsx';
import { DEFAULT_INTERVAL_MS, Store } from './store.ts';
import { showFullScreen } from './terminal.ts';
import { Ui } from './ui.ts';

export interface TuiOptions {
  readonly splice: Splice;
  /** Between two polls; DEFAULT_INTERVAL_MS unless told. */
  readonly intervalMs?: number | undefined;
  /** Takes every key away that changes something. */
  readonly readOnly?: boolean | undefined;
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
  const { splice, intervalMs = DEFAULT_INTERVAL_MS, readOnly = false, headline, signal } = options;
  const store = new Store({ source: splice, intervalMs, headline });
  const ui = new Ui({ readOnly });
  try {
    store.start();
    await showFullScreen(<App store={store} ui={ui} />, signal);
  } finally {
    store.stop();
  }
}
