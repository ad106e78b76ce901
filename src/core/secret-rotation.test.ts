import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dot } from './dot.ts';
import { SecretRotation, SecretRotations } from './secret-rotation.ts';
import { DIGEST_OF_ROTATIONS, digestOfRotations, matrixOf, testSecret } from './test-rotation.ts';

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Of unit length. */
function vectors(dimension: number): fc.Arbitrary<Float32Array> {
  const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: dimension,
    maxLength: dimension,
  });
  return numbers
    .map((all) => [all, Math.hypot(...all)] as const)
    .filter(([, length]) => length > 1e-3)
    .map(([all, length]) => Float32Array.from(all, (x) => x / length));
}

const spaces = fc.integer({ min: 1, max: 70 }).chain((dimension) =>
  fc.record({
    secret: secrets,
    a: vectors(dimension),
    b: vectors(dimension),
    dimension: fc.constant(dimension),
  }),
);

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - (b[i] as number))));

test('a rotation is the same in Node, to the last bit', async () => {
  expect(await digestOfRotations()).toBe(DIGEST_OF_ROTATIONS);
});

test('its matrix is orthogonal', () => {
  for (const dimension of [1, 2, 3, 64, 192]) {
    const columns = matrixOf(new SecretRotation(testSecret(2), 'x', dimension));
    let off = 0;
    for (const [i, a] of columns.entries())
      for (const [j, b] of columns.entries()) {
        const product = a.reduce((sum, x, row) => sum + x * (b[row] as number), 0);
        off = Math.max(off, Math.abs(product - (i === j ? 1 : 0)));
      }
    expect(off).toBeLessThan(1e-12);
  }
});

test('cosines stay, lengths stay, and every vector comes back', () => {
  fc.assert(
    fc.property(spaces, ({ secret, a, b, dimension }) => {
      const rotation = new SecretRotation(secret, 'model', dimension);
      const [turnedA, turnedB] = [rotation.apply(a), rotation.apply(b)];
      expect(Math.abs(dot(turnedA, turnedB) - dot(a, b))).toBeLessThan(1e-6);
      expect(Math.abs(dot(turnedA, turnedA) - 1)).toBeLessThan(1e-6);
      expect(farthest(rotation.applyBack(turnedA), a)).toBeLessThan(1e-6);
    }),
    { numRuns: 200 },
  );
});

test('it does not change what it is given, and refuses another length', () => {
  const rotation = new SecretRotation(testSecret(3), 'x', 4);
  const vector = Float32Array.of(0.5, 0.5, 0.5, 0.5);
  rotation.apply(vector);
  expect(vector).toEqual(Float32Array.of(0.5, 0.5, 0.5, 0.5));
  expect(() => rotation.apply(new Float32Array(3))).toThrow(RangeError);
});

/** Mean, variance and kurtosis, about 0 and 3 for normal numbers. */
function momentsOf(values: readonly number[]): readonly [mean: number, variance: number, kurtosis: number] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const power = (n: number): number => values.reduce((sum, x) => sum + (x - mean) ** n, 0) / values.length;
  return [mean, power(2), power(4) / power(2) ** 2];
}

test('one face under two secrets, or two models of one, is as alike as two strangers are', () => {
  const [dimension, rounds] = [32, 1500];
  const face = Float32Array.from({ length: dimension }, (_, i) => (i === 0 ? 0.8 : 0.6 / Math.sqrt(31)));
  const known = new SecretRotation(testSecret(0), 'model', dimension).apply(face);
  const others = Array.from({ length: rounds }, (_, i) =>
    i % 2 === 0
      ? new SecretRotation(testSecret(i + 1), 'model', dimension)
      : new SecretRotation(testSecret(0), `model ${i}`, dimension),
  );
  const cosines = others.map((rotation) => dot(known, rotation.apply(face)));
  // Of a direction by chance: mean 0, variance 1 / n, kurtosis 3 n / (n + 2).
  const [mean, variance, kurtosis] = momentsOf(cosines);
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(rounds * dimension));
  expect(variance * dimension).toBeGreaterThan(0.85);
  expect(variance * dimension).toBeLessThan(1.15);
  expect(kurtosis).toBeGreaterThan(2.3);
  expect(kurtosis).toBeLessThan(3.5);
});

test('every entry of the matrix is by chance alike, whatever its place', () => {
  const [dimension, rounds] = [6, 4000];
  const all = Array.from({ length: rounds }, (_, i) =>
    matrixOf(new SecretRotation(testSecret(5), `label ${i}`, dimension)),
  );
  for (let column = 0; column < dimension; column++)
    for (let row = 0; row < dimension; row++) {
      const [mean, variance] = momentsOf(all.map((columns) => columns[column]?.[row] as number));
      expect(Math.abs(mean) * Math.sqrt(dimension)).toBeLessThan(5 / Math.sqrt(rounds));
      expect(Math.abs(variance * dimension - 1)).toBeLessThan(0.12);
    }
});

test('of one secret each model and dimension has a rotation of its own, made once', () => {
  const rotations = new SecretRotations(testSecret(6));
  const [a, b] = [rotations.of('a', 16), rotations.of('b', 16)];
  expect(rotations.of('a', 16)).toBe(a);
  expect(rotations.of('a', 8)).not.toBe(a);
  const vector = new Float32Array(16).fill(0.25);
  expect(farthest(a.apply(vector), b.apply(vector))).toBeGreaterThan(0.05);
});
