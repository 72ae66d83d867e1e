/** What the keys of the table do. */
import { InputError, SpliceError } from '../core/index.ts';
import { type Filter, parseFilter } from '../filter/index.ts';
import { askWhereToSave } from './ask.ts';
import type { Commands } from './commands.ts';
import type { TableLayout } from './components/table-layout.ts';
import { useEntryActions } from './entry-actions.ts';
import { useActions } from './input.ts';
import { askLine, type Complaint } from './prompt.ts';
import { sortByNext } from './rows/sort-order.ts';
import type { Store } from './store.ts';
import type { Ui } from './ui.ts';

interface Options {
  readonly store: Store;
  readonly ui: Ui;
  readonly commands: Commands;
  readonly layout: TableLayout;
}

export function useTableActions({ store, ui, commands, layout }: Options): void {
  const arrangement = () => store.getState().rows.arrangement;
  const selected = () => {
    const { viewport } = ui.getState();
    const identity = viewport.selected;
    return identity && store.getState().rows.indexOf(identity) >= 0 ? identity : null;
  };
  useEntryActions({ store, ui, commands, selected });
  useActions(ui, {
    filter: () => askForFilter(store, ui),
    clearFilter: () => store.arrange({ filter: parseFilter('') }),
    sortNext: () =>
      store.arrange({
        sort: sortByNext(
          arrangement().sort,
          layout.placed.map(({ column }) => column),
        ),
      }),
    sortReverse: () => {
      const { sort } = arrangement();
      store.arrange({ sort: { ...sort, descending: !sort.descending } });
    },
    fold: () => store.arrange({ pairs: !arrangement().pairs }),
    adopt: () => commands.adopt(),
    detail: () => {
      const entry = selected();
      if (entry) ui.open({ name: 'detail', entry });
    },
    save: () => ui.ask(askWhereToSave(commands)),
  });
}

/** The rows follow while one types; what cannot be read yet leaves them as they were. */
function askForFilter(store: Store, ui: Ui): void {
  const before = store.getState().rows.arrangement.filter;
  const apply = (text: string): Complaint | null => {
    const filter = readFilter(text);
    if (isComplaint(filter)) return filter;
    store.arrange({ filter });
    return null;
  };
  ui.ask(
    askLine({
      label: 'filter:',
      text: before.text,
      hint: 'port=6379  comm~redis  ip=10.0.0.0/8  spliced  stuck  not …  Enter keeps it, Esc goes back',
      changed: apply,
      accept: apply,
      cancel: () => store.arrange({ filter: before }),
    }),
  );
}

function readFilter(text: string): Filter | Complaint {
  try {
    return parseFilter(text.trim());
  } catch (error) {
    if (!(error instanceof SpliceError)) throw error;
    return { error, position: error instanceof InputError ? error.position : null };
  }
}

function isComplaint(value: Filter | Complaint): value is Complaint {
  return 'error' in value;
}
