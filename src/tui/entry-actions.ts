/** What the keys do to one entry, in the table and in the detail view. */
import { useStdout } from 'ink';
import { askToRemove } from './ask.ts';
import { copySequence } from './clipboard.ts';
import type { Commands } from './commands.ts';
import { useActions } from './input.ts';
import type { Identity } from './rows/selection.ts';
import type { Store } from './store.ts';
import type { Ui } from './ui.ts';

interface Options {
  readonly store: Store;
  readonly ui: Ui;
  readonly commands: Commands;
  /** The entry that is meant, if there is one. */
  readonly selected: () => Identity | null;
}

export function useEntryActions({ store, ui, commands, selected }: Options): void {
  const { stdout } = useStdout();
  useActions(ui, {
    remove: () => {
      const entry = selected();
      if (entry) ui.ask(askToRemove(entry, commands));
    },
    copy: () => {
      const entry = selected();
      if (!entry) return;
      stdout.write(copySequence(entry.key));
      store.tell({ kind: 'done', text: `asked the terminal to copy ${entry.key}` });
    },
  });
}
