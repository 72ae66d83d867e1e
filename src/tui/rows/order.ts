/** Sorting many rows by a number each. */

const DIGIT_BITS = 16;
const DIGITS = 64 / DIGIT_BITS;
/** With fewer, comparing is faster than counting into so many buckets. */
const FEW = 4096;
const BUCKETS = 1 << DIGIT_BITS;

/**
 * Sorts places by their keys, from the lowest; places with equal keys stay in their order. A radix
 * sort: it compares nothing, and passes over digits that all keys share, so that 64 000 counters
 * take a few milliseconds.
 * @param keys a key for each place; NaN comes last
 */
export function sortPlaces(places: Uint32Array, keys: Float64Array): Uint32Array {
  if (places.length < FEW) return places.toSorted((a, b) => compare(keys[a] as number, keys[b] as number));
  const digits = digitsOf(places, keys);

  let order = Uint32Array.from(places, (_, index) => index);
  let spare = new Uint32Array(order.length);
  for (let digit = 0; digit < DIGITS; digit++) {
    const passed = sortByDigit(order, spare, digits, digit);
    if (passed === order) continue;
    spare = order;
    order = passed;
  }
  const sorted = new Uint32Array(places.length);
  for (let index = 0; index < order.length; index++) sorted[index] = places[order[index] as number] as number;
  return sorted;
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b || (a < b ? -1 : Number(a > b));
}

/** The keys of the places as whole numbers that sort as the keys do, in 16-bit digits, the lowest first. */
function digitsOf(places: Uint32Array, keys: Float64Array): Uint16Array {
  const chosen = new Float64Array(places.length);
  for (let index = 0; index < places.length; index++) {
    const key = keys[places[index] as number] as number;
    // A NaN has a sign, and so has 0.
    chosen[index] = Number.isNaN(key) ? Number.POSITIVE_INFINITY : key + 0;
  }
  const words = new Int32Array(chosen.buffer);
  for (let index = 0; index < words.length; index += 2) {
    // IEEE 754: magnitudes sort as whole numbers do; negative ones the other way round.
    const isNegative = (words[index + 1] as number) < 0;
    words[index] = (words[index] as number) ^ (isNegative ? -1 : 0);
    words[index + 1] = (words[index + 1] as number) ^ (isNegative ? -1 : -0x8000_0000);
  }
  return new Uint16Array(chosen.buffer);
}

/** One pass; returns `order` itself when all have the same digit. */
function sortByDigit(
  order: Uint32Array<ArrayBuffer>,
  into: Uint32Array<ArrayBuffer>,
  digits: Uint16Array,
  digit: number,
) {
  const starts = new Uint32Array(BUCKETS);
  for (let at = digit; at < digits.length; at += DIGITS)
    starts[digits[at] as number] = (starts[digits[at] as number] as number) + 1;
  if (starts[digits[digit] as number] === order.length) return order;
  let start = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = starts[bucket] as number;
    starts[bucket] = start;
    start += count;
  }
  for (let index = 0; index < order.length; index++) {
    const place = order[index] as number;
    const bucket = digits[place * DIGITS + digit] as number;
    into[starts[bucket] as number] = place;
    starts[bucket] = (starts[bucket] as number) + 1;
  }
  return into;
}
