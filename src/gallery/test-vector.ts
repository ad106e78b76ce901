/** A unit vector for tests that depends on `seed` alone. */
export function testVector(seed: number, dimension = 8): Float32Array<ArrayBuffer> {
  const vector = Float32Array.from(
    { length: dimension },
    (_, i) => (Math.sin(seed * 12.9898 + i * 78.233) * 43758.5453) % 1,
  );
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}
