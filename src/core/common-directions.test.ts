import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitCommon } from './common-directions.ts';

const DIRECTIONS = [
  [1, 0, 0, 0, 0, 0],
  [0, 0.6, 0.8, 0, 0, 0],
];
const common = { limit: 0.1, directions: DIRECTIONS };

function unit(values: readonly number[]): Float32Array<ArrayBuffer> {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (x) => x / length);
}

function along(vector: Float32Array, direction: readonly number[]): number {
  return direction.reduce((sum, x, i) => sum + x * vector[i]!, 0);
}

const vectors = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
  .filter((values) => Math.hypot(...values.slice(3)) > 0.05)
  .map(unit);

describe('limitCommon', () => {
  it('keeps unit length and tells what there was along each direction', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const limited = limitCommon(vector, common);
        expect(Math.hypot(...limited.vector)).toBeCloseTo(1, 5);
        DIRECTIONS.forEach((direction, k) =>
          expect(limited.along[k]).toBeCloseTo(along(vector, direction), 5),
        );
      }),
    );
  });

  it('leaves alone what is below the limit or the other way round, and changes no input', () => {
    const vector = unit([-0.7, 0.05, -0.2, 0.5, 0.4, 0.1]);
    const before = vector.slice();
    expect([...limitCommon(vector, common).vector].map((x) => x.toFixed(5))).toEqual(
      [...before].map((x) => x.toFixed(5)),
    );
    expect(vector).toEqual(before);
  });

  it('makes strangers who share a direction no longer alike', () => {
    const [a, b] = [unit([0.8, 0, 0, 0.6, 0, 0]), unit([0.8, 0, 0, 0, 0.6, 0])];
    const cosine = (x: Float32Array, y: Float32Array): number => along(x, [...y]);
    expect(cosine(a, b)).toBeCloseTo(0.64, 5);
    expect(cosine(limitCommon(a, common).vector, limitCommon(b, common).vector)).toBeLessThan(0.03);
  });

  it('keeps an embedding that is nothing else', () => {
    const vector = unit([1, 0, 0, 0, 0, 0]);
    expect(limitCommon(vector, { limit: 0, directions: DIRECTIONS }).vector).toEqual(vector);
  });
});
