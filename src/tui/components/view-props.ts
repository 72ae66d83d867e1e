import type { Store, TuiState } from '../store.ts';
import type { Ui } from '../ui.ts';

/** What every view gets; it fills `height` lines, of which the last is its <Footer>. */
export interface ViewProps {
  readonly store: Store;
  readonly ui: Ui;
  readonly state: TuiState;
  readonly width: number;
  readonly height: number;
}
