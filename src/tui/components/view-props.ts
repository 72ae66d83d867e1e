import type { Commands } from '../commands.ts';
import type { Store, TuiState } from '../store.ts';
import type { Ui } from '../ui.ts';

/** What every view gets; it fills `height` lines, of which the last are its <Footer>. */
export interface ViewProps {
  readonly store: Store;
  readonly ui: Ui;
  readonly commands: Commands;
  readonly state: TuiState;
  readonly width: number;
  readonly height: number;
  /** The line of the screen on which it begins, from 0: for the mouse. */
  readonly top: number;
}
