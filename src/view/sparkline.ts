/** Figures over time as a line of bars. */

const BARS = [...'▁▂▃▄▅▆▇█'];

/**
 * The last values, a character each, the newest on the right; blanks where there are none yet. The
 * highest value has the highest bar, 0 the lowest. When there are more values than `width`, the
 * oldest are left out.
 */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const highest = Math.max(...shown, 0);
  const bars = shown.map((value) => BARS[highest > 0 ? Math.round((value / highest) * (BARS.length - 1)) : 0]);
  return bars.join('').padStart(Math.max(0, width));
}

/** The values in `count` groups of neighbours at the most, each as its mean. */
export function condense(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: Math.max(0, count) }, (_, group) => {
    const from = Math.floor((group * values.length) / count);
    const to = Math.floor(((group + 1) * values.length) / count);
    return values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  });
}
