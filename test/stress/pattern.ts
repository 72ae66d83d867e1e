/**
 * The bytes of a stream: each place has its own, so that a lost, repeated, moved or foreign byte is
 * seen, and can be told where it belongs.
 */
import { Random } from './random.ts';

/** After this many bytes a stream repeats: a prime, so that no message size divides it. */
const PERIOD = 1_048_573;
const LOOK_ALIKE = 8;

const random = new Random(1);
const once = Buffer.from(Uint8Array.from({ length: PERIOD }, () => random.int(0, 255)));
const twice = Buffer.concat([once, once]);

/** What is wrong with received bytes. */
export interface Mismatch {
  offset: number;
  expected: string;
  got: string;
  /** The offset in this stream, within its period, that such bytes have; null when they are not of it. */
  belongsTo: number | null;
}

/** The bytes from `offset` on of a stream; at most a period of them. They are shared: do not write. */
export function streamBytes(stream: number, offset: number, size: number): Buffer {
  const start = placeOf(stream, offset);
  return twice.subarray(start, start + size);
}

/** Compares what was received at `offset` with what belongs there; null when every byte does. */
export function findMismatch(stream: number, offset: number, got: Buffer): Mismatch | null {
  const expected = streamBytes(stream, offset, got.length);
  if (expected.equals(got)) return null;
  let at = 0;
  while (expected[at] === got[at]) at++;
  const part = got.subarray(at, at + LOOK_ALIKE);
  const found = part.length < LOOK_ALIKE ? -1 : twice.indexOf(part);
  return {
    offset: offset + at,
    expected: expected.toString('hex', at, at + LOOK_ALIKE),
    got: part.toString('hex'),
    belongsTo: found < 0 ? null : (((found - placeOf(stream, 0)) % PERIOD) + PERIOD) % PERIOD,
  };
}

/** Streams start at different places of the period. */
function placeOf(stream: number, offset: number): number {
  return (stream * 7919 + offset) % PERIOD;
}
