import { expect } from 'vitest';

/** A unit vector for tests that depends on `seed` alone. */
export function testVector(seed: number, dimension = 8): Float32Array<ArrayBuffer> {
  const vector = Float32Array.from(
    { length: dimension },
    (_, i) => (Math.sin(seed * 12.9898 + i * 78.233) * 43758.5453) % 1,
  );
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

/** How far numbers are off that a database has rotated and back. */
const ROUNDING = 1e-7;

/** Expects a vector that was read out of a database to be the one that was given: to the last bit, where the database does not rotate it. */
export function expectVector(
  read: Float32Array | undefined,
  given: Float32Array | undefined,
  { isRotated }: { readonly isRotated: boolean } = { isRotated: true },
): void {
  if (!isRotated) {
    expect(read).toEqual(given);
    return;
  }
  expect(read).toHaveLength(given?.length ?? 0);
  given?.forEach((x, i) => expect(Math.abs((read?.[i] ?? NaN) - x)).toBeLessThanOrEqual(ROUNDING));
}
