/** The lab's results as text for a terminal of 80 columns. */
import { printable } from '../core/index.ts';
import { type Report, VARIANTS, type Variant } from './experiment.ts';
import { verdictOf } from './verdict.ts';

const WIDTHS = [16, 9, 34];
const WHO_WIDTH = 14;
const TIME_WIDTH = 10;

/** The line of titles. */
export function tableHead(): string {
  return row(['EXPERIMENT', 'WITH', 'AN APPLICATION SAW', 'VERDICT']);
}

/** One experiment's lines of the table, and the line that explains it. */
export function tableRows(report: Report): string {
  const { experiment, results } = report;
  const rows = VARIANTS.map((variant) =>
    row([
      variant === 'tcp' ? experiment.name : '',
      variant,
      printable(results[variant].saw),
      verdictOf(report, variant),
    ]),
  );
  return [...rows, `  ${experiment.explanation}`].join('\n');
}

/** What happened in each run, in the order in which it did. */
export function story(report: Report): string {
  return VARIANTS.map((variant) => chapter(report, variant)).join('\n\n');
}

function chapter(report: Report, variant: Variant): string {
  const { events } = report.results[variant];
  const verdict = verdictOf(report, variant);
  const title = `${report.experiment.name} with ${variant}${verdict && `: ${verdict}`}`;
  const lines = events.map(({ atMs, who, what }) => {
    const at = `${atMs.toFixed(1)} ms`.padStart(TIME_WIDTH);
    return `${at}  ${who.padEnd(WHO_WIDTH)} ${printable(what)}`;
  });
  return [title, ...lines].join('\n');
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join('')
    .trimEnd();
}
