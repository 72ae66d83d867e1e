/** The rows of a run: which traffic in which place and placement, with which variants. */
import { printable, SpliceError } from '../core/index.ts';
import { cpusOf, PLACE_TITLES, PLACEMENT_TITLES, PLACEMENTS, PLACES, type Place, type Placement } from './places.ts';
import { VARIANTS, type Variant } from './variants.ts';
import type { Workload } from './workload.ts';
import { WORKLOADS } from './workloads.ts';

export interface Row {
  /** `ping-pong-64@veth/1cpu` */
  id: string;
  workload: Workload;
  place: Place;
  placement: Placement;
  variants: readonly Variant[];
}

/** A row that cannot be measured here, and why. */
export interface Skipped {
  id: string;
  reason: string;
}

/** What two minutes have time for: the rows that the README names, and the one that loses most. */
const QUICK = ['ping-pong-64@veth/1cpu', 'stream@veth/2cpu', 'small-writes@loopback/1cpu', 'redis-20@veth/2cpu'];

/** What the programs themselves cost is no row like the others, but has a name like them. */
const PROGRAMS = 'programs';

/** Whose traffic that is taken of: messages for one, connections for the other. */
const PROGRAM_ROWS = ['ping-pong-64@veth/1cpu', 'connections@veth/1cpu'];

/** What is to be measured. */
export interface Choice {
  rows: readonly Row[];
  /** Rows in which the programs are counted. */
  programs: readonly Row[];
}

/** Client and server are apart for a bystander: its peer is on another machine. */
export const ALL_ROWS: readonly Row[] = WORKLOADS.flatMap((workload) =>
  PLACES.filter((place) => workload.isServerInside || place === 'veth').flatMap((place) =>
    PLACEMENTS.map((placement) => ({
      id: `${workload.name}@${place}/${placement}`,
      workload,
      place,
      placement,
      variants: VARIANTS.filter((variant) => variant !== 'unix' || workload.unix),
    })),
  ),
);

/** For people: `ping-pong, 64 B, veth + bridge, one CPU` */
export function titleOf({ workload, place, placement }: Pick<Row, 'workload' | 'place' | 'placement'>): string {
  return `${workload.title}, ${PLACE_TITLES[place]}, ${PLACEMENT_TITLES[placement]}`;
}

/**
 * The rows that were asked for.
 * @param names rows, or workloads with all of their rows, or `programs`; none for all, or the quick ones
 * @throws SpliceError BAD_OPTION, which lists the names there are
 */
export function chooseRows(names: readonly string[], quick: boolean): Choice {
  const programs = ALL_ROWS.filter(({ id }) => PROGRAM_ROWS.includes(id));
  if (names.length === 0) {
    return quick
      ? { rows: ALL_ROWS.filter(({ id }) => QUICK.includes(id)), programs: [] }
      : { rows: ALL_ROWS, programs };
  }
  for (const name of names) {
    if (name === PROGRAMS || ALL_ROWS.some((row) => isNamed(row, name))) continue;
    const known = [...WORKLOADS.map((workload) => workload.name), PROGRAMS].join(', ');
    throw new SpliceError(
      'BAD_OPTION',
      `there is no row '${printable(name)}'`,
      `${known}; or one row alone, as in ${QUICK[0]}`,
    );
  }
  const rows = ALL_ROWS.filter((row) => names.some((name) => isNamed(row, name)));
  return { rows, programs: names.includes(PROGRAMS) ? programs : [] };
}

/** Parts the rows into those that can be measured here and those that cannot. */
export function possibleRows(
  rows: readonly Row[],
  isInstalled: (program: string) => boolean,
  allowed?: readonly number[],
): { possible: Row[]; skipped: Skipped[] } {
  const possible: Row[] = [];
  const skipped: Skipped[] = [];
  for (const row of rows) {
    const missing = row.workload.tools.find(({ program }) => !isInstalled(program));
    if (missing)
      skipped.push({ id: row.id, reason: `${missing.program} is not installed: apt-get install ${missing.package}` });
    else if (cpusOf(row.placement, allowed) === null)
      skipped.push({ id: row.id, reason: 'this process may use one CPU only' });
    else possible.push(row);
  }
  return { possible, skipped };
}

function isNamed(row: Row, name: string): boolean {
  return row.id === name || row.workload.name === name;
}
