/** The name that somebody meant who mistyped one. */

/**
 * The candidate that differs from `typed` by the fewest slips (a letter too many, missing, wrong, or
 * two changed over), or that goes on where it ends; null when none is near. Letters may be of either case.
 */
export function nearest(typed: string, candidates: Iterable<string>): string | null {
  const wanted = typed.toLowerCase();
  // Of a short name, one slip is already much.
  const most = wanted.length <= 4 ? 1 : 2;
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    const slips = Math.abs(name.length - wanted.length) > most ? least : slipsBetween(wanted, name);
    if (slips < least) [best, least] = [candidate, slips];
  }
  if (best !== null || wanted.length < 3) return best;
  for (const candidate of candidates) if (candidate.toLowerCase().startsWith(wanted)) return candidate;
  return null;
}

/** The optimal string alignment distance. */
function slipsBetween(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let column = 1; column <= other.length; column++) {
      const same = one[at - 1] === other[column - 1];
      const changed = at > 1 && column > 1 && one[at - 1] === other[column - 2] && one[at - 2] === other[column - 1];
      next[column] = Math.min(
        (next[column - 1] as number) + 1,
        (row[column] as number) + 1,
        (row[column - 1] as number) + (same ? 0 : 1),
        changed ? (before[column - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[other.length] as number;
}
