/** Lists as tables that fit the terminal. */
import type { EntryJson } from '../../core/index.ts';
import { formatBytes, formatCount } from '../../view/format.ts';
import { plainTable } from '../../view/plain-table.ts';
import { cut, displayWidth, fill } from '../../view/width.ts';
import type { Group } from './groups.ts';

/** A line for the titles, one for what is left out, one for the prompt, and one that shows what was typed. */
const OTHER_LINES = 4;
const FEWEST_ROWS = 5;

/**
 * Entries as a table: all of them without a height; else as many as fit, and how many there are.
 * @param width of the terminal
 * @param height of the terminal
 */
export function entryTable(entries: readonly EntryJson[], width?: number, height?: number): string {
  if (entries.length === 0) return 'no entries';
  const { shown, more } = fitting(entries, height);
  return plainTable(shown, width) + (more && `\n${cut(more, width ?? Number.POSITIVE_INFINITY)}`);
}

const GROUP_COLUMNS: readonly [title: string, text: (group: Group) => string][] = [
  ['GROUP', ({ name }) => name],
  ['ENTRIES', ({ size }) => formatCount(size)],
  ['REDIRECTS', ({ redirects }) => formatCount(redirects)],
  ['BYTES', ({ redirectBytes }) => formatBytes(redirectBytes)],
  ['PASSES', ({ passes }) => formatCount(passes)],
  ['QUEUED', ({ queuedBytes }) => formatBytes(queuedBytes)],
];

/** Groups as a table; columns give way from the right, and long names are cut. */
export function groupTable(groups: readonly Group[], width = Number.POSITIVE_INFINITY, height?: number): string {
  if (groups.length === 0) return 'no groups';
  const { shown, more } = fitting(groups, height);
  const columns = GROUP_COLUMNS.map(([title, text]) => [title, ...shown.map(text)]);
  return textTable(columns, width) + (more && `\n${cut(more, width)}`);
}

/** Columns of text as a table: the first to the left, the others to the right; it takes what is over. */
function textTable(columns: readonly (readonly string[])[], width: number): string {
  const widths = columns.map((cells) => Math.max(...cells.map(displayWidth)));
  let kept = columns.length;
  const others = () => widths.slice(1, kept).reduce((sum, column) => sum + column + 2, 0);
  while (kept > 2 && others() + Math.min(widths[0] ?? 0, 20) > width) kept--;
  const first = Math.max(1, Math.min(widths[0] ?? 0, width - others()));
  const lines = (columns[0] ?? []).map((_, row) =>
    columns
      .slice(0, kept)
      .map((cells, column) =>
        column === 0
          ? fill(cells[row] ?? '', first, 'left')
          : fill(cells[row] ?? '', (widths[column] ?? 0) + 2, 'right'),
      )
      .join(''),
  );
  return lines.map((line) => line.trimEnd()).join('\n');
}

function fitting<Item>(items: readonly Item[], height?: number): { shown: readonly Item[]; more: string } {
  const most = height === undefined ? items.length : Math.max(FEWEST_ROWS, height - OTHER_LINES);
  if (items.length <= most) return { shown: items, more: '' };
  return {
    shown: items.slice(0, most),
    more: `${items.length} in all; .where(filter), .top(n) and .slice(from, to) show others`,
  };
}
