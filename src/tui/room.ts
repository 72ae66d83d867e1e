/** How the lines of the screen are divided. */

export interface Room {
  readonly header: number;
  readonly headline: number;
  /** Blank lines above the view: 0 or 1. */
  readonly gap: number;
  /** The view with its footer. */
  readonly view: number;
}

/** Titles, two entries and the footer: with less the table is no use. Where there is more, half is the view's. */
const VIEW_MIN = 4;
const ROOMY = 16;

/** Divides `rows` lines; on a short screen the header gives way first, then the host program's headline. */
export function divideScreen(rows: number, wanted: { header: number; headline: number }): Room {
  const viewMin = Math.max(VIEW_MIN, Math.floor(rows / 2) + 1);
  let left = rows;
  const take = (lines: number, keep: number) => {
    const taken = Math.max(0, Math.min(lines, left - keep));
    left -= taken;
    return taken;
  };
  const first = take(1, 1);
  const headline = take(wanted.headline, viewMin);
  const header = first + take(wanted.header - first, viewMin);
  const gap = rows >= ROOMY ? 1 : 0;
  return { header, headline, gap, view: left - gap };
}
