/** The help view as lines: every key, then what is seen. */
import { PASS_REASONS } from '../../core/index.ts';
import { FILTER_FIELDS } from '../../filter/index.ts';
import { REASON_LABELS } from '../../view/columns.ts';
import { displayWidth } from '../../view/width.ts';
import { type Binding, bindingsOf, type Rights, type ViewName } from '../keys.ts';
import { beside, heading, type StyledLine, wrapText } from '../lines.ts';
import { COLUMN_HELP, MARK_HELP, REASON_HELP } from './legend.ts';

const VIEWS: readonly ViewName[] = ['table', 'detail', 'events', 'help'];
/** From here on there are two columns. */
const WIDE = 140;
const GAP = 4;

/** Everything, `width` columns wide. Keys that one has no right to are not there. */
export function helpLines(rights: Rights, width: number): StyledLine[] {
  const column = width >= WIDE ? Math.floor((width - GAP) / 2) : width;
  const keys = keyGroups(rights).flatMap(([title, bindings], index) => [
    ...(index > 0 ? [[]] : []),
    heading(title),
    ...list(
      bindings.map(({ shown, summary }) => [shown, summary]),
      column,
    ),
  ]);
  const legend = [
    heading('COLUMNS'),
    ...list(Object.values(COLUMN_HELP), column),
    [],
    heading('MARKS AND COLOURS'),
    ...list(MARK_HELP, column),
    [],
    heading('WHY A MESSAGE PASSED'),
    ...list(
      PASS_REASONS.map((reason) => [REASON_LABELS[reason], REASON_HELP[reason]]),
      column,
    ),
  ];
  const filter = [
    heading('FILTER', ['label', 'with and, or, not, and parentheses']),
    ...list(
      FILTER_FIELDS.map(({ example, summary }) => [example, summary]),
      column,
    ),
  ];
  return width >= WIDE
    ? beside([...keys, [], ...filter], column, legend, GAP)
    : [...keys, [], ...legend, [], ...filter];
}

/** The keys by where they work: everywhere first, then view by view. */
function keyGroups(rights: Rights): [title: string, bindings: readonly Binding[]][] {
  const all = [...new Set(VIEWS.flatMap((view) => bindingsOf(view, rights)))];
  const everywhere = all.filter(({ views }) => VIEWS.every((view) => views.includes(view)));
  const groups = new Map<string, Binding[]>();
  for (const binding of all) {
    if (everywhere.includes(binding)) continue;
    const title = titleOf(binding.views);
    groups.set(title, [...(groups.get(title) ?? []), binding]);
  }
  return [['KEYS EVERYWHERE', everywhere], ...groups];
}

const TITLES: Record<ViewName, string> = { table: 'TABLE', detail: 'DETAIL', events: 'EVENTS', help: 'HELP' };

function titleOf(views: readonly ViewName[]): string {
  const names = VIEWS.filter((view) => views.includes(view)).map((view) => TITLES[view]);
  const last = names.pop();
  return names.length === 0 ? `KEYS IN THE ${last}` : `KEYS IN ${names.join(', ')} AND ${last}`;
}

/** A word, and what it means beside it. */
function list(items: readonly (readonly [word: string, meaning: string])[], width: number): StyledLine[] {
  const indent = 2 + Math.max(...items.map(([word]) => displayWidth(word)));
  return items.flatMap(([word, meaning]) =>
    wrapText(meaning, Math.max(1, width - indent)).map((line, index): StyledLine => {
      return [['title', (index === 0 ? word : '').padEnd(indent)], line];
    }),
  );
}
