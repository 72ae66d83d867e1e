/**
 * How much longer than usual everything may take: 1 unless TEST_PATIENCE says otherwise, as it does in a guest that is
 * many times slower than a machine. For every time-out of a test, in whatever unit.
 */
export function patience(time: number): number {
  return time * FACTOR;
}

const FACTOR = Number(process.env.TEST_PATIENCE || 1);
if (!(FACTOR >= 1 && Number.isFinite(FACTOR))) {
  throw new Error(
    `TEST_PATIENCE is how many times longer tests may take, 1 or more; it is '${process.env.TEST_PATIENCE}'`,
  );
}
