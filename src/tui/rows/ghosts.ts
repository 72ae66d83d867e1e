/** Rows that just went away stay on screen for a moment, so that one sees which. */

import type { Ghost, Rows } from './rows.ts';
import type { Counts } from './sample.ts';

const GONE_MS = 1000;

export class Ghosts {
  #ghosts: readonly (Ghost & { readonly untilMs: number })[] = [];

  /** After a look: those rows of `before` from `from` to `to` (what was on screen) that have no entry any more. */
  update(before: Rows, counts: Counts, from: number, to: number): readonly Ghost[] {
    const isOver = ({ untilMs }: { untilMs: number }) => untilMs <= counts.atMs;
    const over = this.#ghosts.filter(isOver);
    const kept = this.#ghosts
      .filter((ghost) => !isOver(ghost))
      .map((ghost) => ({ ...ghost, index: ghost.index - over.filter(({ index }) => index < ghost.index).length }));
    const gone = before
      .slice(from, to)
      .map((row, line) => ({ index: from + line, row, untilMs: counts.atMs + GONE_MS }))
      .filter(({ row }) => row.mark !== 'gone' && counts.find(Number(row.identity.cookie)) < 0)
      .map((ghost) => ({ ...ghost, row: { ...ghost.row, mark: 'gone' as const, traffic: null } }));
    this.#ghosts = [...kept, ...gone].sort((a, b) => a.index - b.index);
    return this.#ghosts;
  }

  clear(): void {
    this.#ghosts = [];
  }
}
