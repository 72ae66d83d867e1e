/** How the lines of the screen are divided. */

export interface Room {
  readonly header: number;
  readonly headline: number;
  /** Blank lines above the table: 0 or 1. */
  readonly gap: number;
  /** The table with its titles. */
  readonly table: number;
  readonly footer: number;
}

/** Titles and two entries: with less the table is no use. Where there is more, half is the table's. */
const TABLE_MIN = 3;
const ROOMY = 16;

/** Divides `rows` lines; on a short screen the header gives way first, then the host program's headline. */
export function divideScreen(rows: number, wanted: { header: number; headline: number }): Room {
  const footer = rows >= 3 ? 1 : 0;
  const tableMin = Math.max(TABLE_MIN, Math.floor(rows / 2));
  let left = Math.max(0, rows - footer);
  const take = (lines: number, keep: number) => {
    const taken = Math.max(0, Math.min(lines, left - keep));
    left -= taken;
    return taken;
  };
  const first = take(1, 1);
  const headline = take(wanted.headline, tableMin);
  const header = first + take(wanted.header - first, tableMin);
  const gap = rows >= ROOMY ? 1 : 0;
  return { header, headline, gap, table: left - gap, footer };
}
