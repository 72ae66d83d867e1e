/** What guests said, and how it is shown: a row a test file, a column a kernel. */
import { existsSync, readFileSync } from 'node:fs';
import type { FileReport } from '../../test/setup/report.ts';

/** What came of one kernel. */
export interface Tried {
  /** `uname -r` and the version of Debian's package; of a guest that never got there, the package's name. */
  kernel: string;
  files: FileReport[];
  /** Why it is not all that was asked for; null when it is. */
  problem: string | null;
}

/** Reads what a guest's reporter wrote; its last line may be cut. */
export function readReports(path: string): FileReport[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as FileReport);
}

/** Whether everything that was asked for ran there and passed, or says why it cannot. */
export function isGood({ files, problem }: Tried): boolean {
  return problem === null && files.length > 0 && files.every(({ failures }) => failures.length === 0);
}

/**
 * A table in Markdown, fit for a terminal and for docs/kernels.md; each cell is `passed`, or
 * `passed/failed/skipped` where not all passed.
 */
export function tableOf(tried: readonly Tried[]): string {
  const names = [...new Set(tried.flatMap(({ files }) => files.map(({ file }) => file)))].sort();
  const rows = [
    ['passed/failed/skipped', ...tried.map(({ kernel }) => kernel)],
    ...names.map((name) => [name, ...tried.map(({ files }) => cellOf(files.filter(({ file }) => file === name)))]),
    ['all', ...tried.map(({ files, problem }) => cellOf(files) + (problem === null ? '' : ', not all ran'))],
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}

function cellOf(files: readonly FileReport[]): string {
  if (files.length === 0) return 'did not run';
  const sum = (count: (file: FileReport) => number) => files.reduce((total, file) => total + count(file), 0);
  const counts = [
    sum(({ passed }) => passed),
    sum(({ failures }) => failures.length),
    sum(({ skipped }) => skipped.length),
  ];
  return counts.join('/');
}

/** What failed and what was skipped, with the reason, a block a kernel; empty when there is nothing to say. */
export function detailsOf(tried: readonly Tried[]): string {
  return tried.flatMap((one) => detailsOfOne(one)).join('\n');
}

function detailsOfOne({ kernel, files, problem }: Tried): string[] {
  const failures = files.flatMap(({ file, failures }) =>
    failures.map(({ test, error }) => `  FAILED ${file} > ${test}\n${error.replace(/^/gm, '    ')}`),
  );
  const reasons = Map.groupBy(
    files.flatMap(({ skipped }) => skipped),
    ({ reason }) => reason,
  );
  const skipped = [...reasons].map(([reason, tests]) => `  skipped ${tests.length}: ${reason}`);
  const lines = [...(problem === null ? [] : [`  ${problem}`]), ...failures, ...skipped];
  return lines.length > 0 ? [`${kernel}:`, ...lines] : [];
}
