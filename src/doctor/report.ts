/** The doctor's report as text: a line each, and below it what a line means that is not well. */
import { type Check, GROUPS } from './check.ts';

const RESULT_COLUMNS = 'deviates'.length;
const INDENT = ' '.repeat(2 + RESULT_COLUMNS + 2);

/**
 * The report, without a newline at the end.
 * @param width columns to fit in
 */
export function report(checks: readonly Check[], width: number): string {
  const names = Math.max(...checks.map(({ name }) => name.length));
  const told = new Set<string>();
  const groups = GROUPS.map((group) => {
    const lines = checks
      .filter((check) => check.group === group)
      .flatMap((check) => describe(check, names, width, told));
    return [group, ...lines].join('\n');
  });
  return [...groups, summary(checks)].join('\n\n');
}

function describe(check: Check, names: number, width: number, told: Set<string>): string[] {
  const { name, result, saw, meaning, remedy } = check;
  const head = `  ${result.padEnd(RESULT_COLUMNS)}  ${name.padEnd(names)}  `;
  const [first = '', ...more] = wrap(saw, width - head.length);
  const lines = [head + first, ...more.map((line) => ' '.repeat(head.length) + line)];
  // Once is enough for what would be said of every line.
  const known = result === 'missing' && told.has(saw);
  if (result === 'missing') told.add(saw);
  if (result === 'works' || known) return lines;
  lines.push(...wrap(meaning, width - INDENT.length).map((line) => INDENT + line));
  if (!told.has(remedy)) lines.push(...wrap(`try: ${remedy}`, width - INDENT.length).map((line) => INDENT + line));
  told.add(remedy);
  return lines;
}

function summary(checks: readonly Check[]): string {
  const count = (result: Check['result']) => checks.filter((check) => check.result === result).length;
  return `${count('works')} work, ${count('deviates')} deviate, ${count('missing')} missing`;
}

/** Breaks a text at blanks into lines of `width`; a word that is longer stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
