/** What Tab offers of many candidates. */

/** What can stand for the last part of the line, and that part. */
export type Completion = [candidates: string[], part: string];

/** More than a screen of candidates helps nobody. */
const MOST = 100;

/**
 * The candidates that begin with the part, sorted. Of very many some, with the first and the last
 * one: what these have in common, all have in common, which is what Tab fills in.
 */
export function offer(candidates: Iterable<string>, part: string): Completion {
  const some = new Set<string>();
  let first: string | undefined;
  let last: string | undefined;
  for (const candidate of candidates) {
    if (!candidate.startsWith(part)) continue;
    if (first === undefined || candidate < first) first = candidate;
    if (last === undefined || candidate > last) last = candidate;
    if (some.size < MOST) some.add(candidate);
  }
  if (first === undefined || last === undefined) return [[], part];
  // Sorting all of 64 000 keys would take longer than listing them.
  const shown = some.size < MOST ? [...some] : [...new Set([first, last, ...some])].slice(0, MOST);
  return [shown.sort(), part];
}
