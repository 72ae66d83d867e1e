/**
 * Every key of the live view, once: the keyboard, the footer, the help view and `--read-only` are
 * all made from this table.
 */

export type ViewName = 'table' | 'detail' | 'events' | 'help';

/** What a key does; a view has a handler for each of its own. */
export type Action = 'up' | 'down' | 'pageUp' | 'pageDown' | 'top' | 'bottom' | 'toggleBypass' | 'back' | 'quit';

export interface Binding {
  /** The keys as keyNames() of input.ts names them: a character, or `up`, `pageDown`, `enter`, `escape`… */
  readonly keys: readonly string[];
  /** How the keys are written on screen. */
  readonly shown: string;
  readonly action: Action;
  /** In a word or two, for the footer; without one it is not there. */
  readonly short?: string;
  /** In a sentence, for the help view. */
  readonly summary: string;
  /** Where it works. */
  readonly views: readonly ViewName[];
  /** Whether it changes something outside this program; `--read-only` takes it away. */
  readonly changes?: true;
}

const LISTS: readonly ViewName[] = ['table', 'detail', 'events', 'help'];
const EVERYWHERE = LISTS;
const OVER_THE_TABLE: readonly ViewName[] = ['detail', 'events', 'help'];

/** In the order of the help view; those with a `short` text in that of the footer. */
const BINDINGS: readonly Binding[] = [
  {
    keys: ['q'],
    shown: 'q',
    action: 'quit',
    short: 'quit',
    summary: 'Ends splice-tui; the splice goes on. So does Ctrl-C.',
    views: EVERYWHERE,
  },
  {
    keys: ['escape'],
    shown: 'Esc',
    action: 'back',
    short: 'back',
    summary: 'Goes back to where one came from.',
    views: OVER_THE_TABLE,
  },
  {
    keys: [' '],
    shown: 'space',
    action: 'toggleBypass',
    short: 'bypass',
    summary: 'Turns the bypass on, so that everything goes by TCP, or off again.',
    views: ['table', 'detail', 'events'],
    changes: true,
  },
  { keys: ['up', 'k'], shown: '↑ k', action: 'up', summary: 'One line up.', views: LISTS },
  { keys: ['down', 'j'], shown: '↓ j', action: 'down', summary: 'One line down.', views: LISTS },
  { keys: ['pageUp'], shown: 'PgUp', action: 'pageUp', summary: 'One page up.', views: LISTS },
  { keys: ['pageDown'], shown: 'PgDn', action: 'pageDown', summary: 'One page down.', views: LISTS },
  { keys: ['home', 'g'], shown: 'Home g', action: 'top', summary: 'To the first line.', views: LISTS },
  { keys: ['end', 'G'], shown: 'End G', action: 'bottom', summary: 'To the last line.', views: LISTS },
];

/** The keys that do something in a view, in the order of the table. */
export function bindingsOf(view: ViewName, readOnly: boolean): readonly Binding[] {
  return BINDINGS.filter(({ views, changes }) => views.includes(view) && !(changes && readOnly));
}

/** What a key does in a view, or undefined. */
export function actionOf(key: string, view: ViewName, readOnly: boolean): Action | undefined {
  return bindingsOf(view, readOnly).find(({ keys }) => keys.includes(key))?.action;
}
