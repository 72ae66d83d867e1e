/**
 * Every key of the live view, once: the keyboard, the footer, the help view and `--read-only` are
 * all made from this table.
 */

export type ViewName = 'table' | 'detail' | 'events' | 'help';

/** What a key does; the views have a handler for each. */
export type Action = (typeof BINDINGS)[number]['action'];

export interface Binding {
  /** The keys as input.ts names them: a character, or `up`, `pageDown`, `enter`, `escape`… */
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
  /** Where it is not everywhere: on a live splice, or on a recording that is replayed. */
  readonly only?: 'live' | 'replay';
}

/** Which keys there are: a Ui has it. */
export interface Rights {
  /** Without those that change something. */
  readonly readOnly: boolean;
  readonly isReplay: boolean;
}

const EVERYWHERE = ['table', 'detail', 'events', 'help'] as const;
const TABLE = ['table'] as const;
const OVER_THE_TABLE = ['detail', 'events', 'help'] as const;
const ON_ENTRIES = ['table', 'detail'] as const;

/** In the order of the help view; those with a `short` text in that of the footer. */
const BINDINGS = [
  bind('q', 'q', 'quit', EVERYWHERE, 'Ends splice-tui; the splice goes on. So does Ctrl-C.', 'quit'),
  bind('escape', 'Esc', 'back', OVER_THE_TABLE, 'Goes back to where one came from.', 'back'),
  bind('enter', 'Enter', 'detail', TABLE, 'Shows all about one connection: its key, its path, its events.', 'details'),
  bind(
    'e',
    'e',
    'events',
    ON_ENTRIES,
    'Shows what happens to connections: opened, fallen back to TCP, closed.',
    'events',
  ),
  bind('?', '?', 'help', ['table', 'detail', 'events'], 'Shows every key, and what is seen.', 'help'),
  replay(' ', 'space', 'playPause', 'Stops the replay where it is, or lets it go on.', 'play/pause'),
  replay('.', '.', 'stepForward', 'One frame on.', 'step'),
  replay(',', ',', 'stepBack', 'One frame back.', 'back'),
  replay('right', '→', 'seekForward', 'Five seconds on.', '5 s'),
  replay('left', '←', 'seekBack', 'Five seconds back.'),
  replay(']', ']', 'faster', 'Twice as fast.', 'faster'),
  replay('[', '[', 'slower', 'Half as fast.', 'slower'),
  replay('0', '0', 'restart', 'To the beginning of the recording.'),
  bind(
    '/',
    '/',
    'filter',
    TABLE,
    'Shows only the entries that a filter fits; Esc brings the one before back.',
    'filter',
  ),
  bind('escape', 'Esc', 'clearFilter', TABLE, 'Takes the filter away.'),
  bind('s', 's', 'sortNext', TABLE, 'Sorts by the next column.', 'sort'),
  bind('S', 'S', 'sortReverse', TABLE, 'Turns the order round.', 'reverse'),
  bind('p', 'p', 'fold', TABLE, 'Folds the two ends of a connection into one row, or unfolds them.', 'pairs'),
  { ...bind('P', 'P', 'pause', EVERYWHERE, 'Freezes the screen, or lets it go on.', 'pause'), only: 'live' },
  changing(
    ' ',
    'space',
    'toggleBypass',
    EVERYWHERE,
    'Turns the bypass on, so that everything goes by TCP, or off again.',
    'bypass',
  ),
  changing(
    'm',
    'm',
    'mode',
    ['table', 'detail', 'events'],
    'Chooses the mode: bypass, or the one that is loaded.',
    'mode',
  ),
  changing(
    'd',
    'd',
    'remove',
    ON_ENTRIES,
    'Takes the entry out of the map, after a question and without losing a byte.',
    'delete',
  ),
  changing('a', 'a', 'adopt', TABLE, 'Takes in the connections that were there before the splice.', 'adopt'),
  bind('y', 'y', 'copy', ON_ENTRIES, 'Copies the key as text, where the terminal allows it (OSC 52).', 'copy key'),
  bind('w', 'w', 'save', TABLE, 'Writes the rows to a new file, as JSON or CSV.', 'save'),
  bind('up k', '↑ k', 'up', EVERYWHERE, 'One line up; so does the wheel.'),
  bind('down j', '↓ j', 'down', EVERYWHERE, 'One line down.'),
  bind('pageUp', 'PgUp', 'pageUp', EVERYWHERE, 'One page up.'),
  bind('pageDown', 'PgDn', 'pageDown', EVERYWHERE, 'One page down.'),
  bind('home g', 'Home g', 'top', EVERYWHERE, 'To the first line.'),
  bind('end G', 'End G', 'bottom', EVERYWHERE, 'To the last line.'),
] as const;

/** The keys that do something in a view, in the order of the table. */
export function bindingsOf(view: ViewName, { readOnly, isReplay }: Rights): readonly Binding[] {
  const elsewhere = isReplay ? 'live' : 'replay';
  return BINDINGS.filter(({ views, changes, only }: Binding) => {
    return views.includes(view) && only !== elsewhere && !(changes && (readOnly || isReplay));
  });
}

/** What a key does in a view, or undefined. */
export function actionOf(key: string, view: ViewName, rights: Rights): Action | undefined {
  return bindingsOf(view, rights).find(({ keys }) => keys.includes(key))?.action;
}

/** @param keys their names, with a blank between them; a blank alone is the space bar */
function bind<Name extends string>(
  keys: string,
  shown: string,
  action: Name,
  views: readonly ViewName[],
  summary: string,
  short?: string,
) {
  const names = keys === ' ' ? [keys] : keys.split(' ');
  return { keys: names, shown, action, views, summary, ...(short === undefined ? {} : { short }) };
}

function changing<Name extends string>(...told: Parameters<typeof bind<Name>>) {
  return { ...bind(...told), changes: true as const };
}

function replay<Name extends string>(keys: string, shown: string, action: Name, summary: string, short?: string) {
  return { ...bind(keys, shown, action, EVERYWHERE, summary, short), only: 'replay' as const };
}
