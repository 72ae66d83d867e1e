/** Numbers as people write them in a filter: `1500`, `1.5k`, `64KiB`, `5s`. */

/** How much a unit is; the empty one stands for none. */
export type Units = Readonly<Record<string, number>>;

/** Of what has no unit and no fraction. */
export const WHOLE: Units = { '': 1 };

/** Of things that are counted. */
export const COUNTS: Units = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** Of bytes: as in the tables, powers of 1024. */
export const BYTES: Units = {
  '': 1,
  b: 1,
  ...withBytes('k', 2 ** 10),
  ...withBytes('m', 2 ** 20),
  ...withBytes('g', 2 ** 30),
  ...withBytes('t', 2 ** 40),
};

/** Of time, in milliseconds; without a unit it is seconds. */
export const TIMES: Units = { '': 1e3, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** Of time, in milliseconds, where the field is named so. */
export const MILLISECONDS: Units = { ...TIMES, '': 1 };

/** Of time, in microseconds. */
export const MICROSECONDS: Units = { '': 1, us: 1, µs: 1, ms: 1e3, s: 1e6 };

/** The number, or null when the text is none or has another unit. */
export function parseQuantity(text: string, units: Units): number | null {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-zµ]*)$/i.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (digits === '' || factor === undefined || (units === WHOLE && digits.includes('.'))) return null;
  return Number(digits) * factor;
}

function withBytes(prefix: string, bytes: number): Units {
  return { [prefix]: bytes, [`${prefix}b`]: bytes, [`${prefix}ib`]: bytes };
}
