import { describe, expect, it } from 'vitest';
import { MAP_LENGTH, placePoints, regionMap, sampleRegion, type Region } from './regions.ts';

const MAP = 300;
const region: Region = { left: 0, right: 1, subset: [0, 1, 2, 3], scale: 1.5, size: 16, pointScale: 0.25 };

/** A rectangle of 40 × 20 about (100, 60), turned by `angle`, as points 0 to 3: left, right, top, bottom. */
function meshOf(angle: number): Float32Array {
  const memory = new Float32Array(2000);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  [
    [-20, 0],
    [20, 0],
    [0, -10],
    [0, 10],
  ].forEach(([x, y], i) => {
    memory.set([100 + cos * x! - sin * y!, 60 + sin * x! + cos * y!, 7], 3 * i);
  });
  return memory;
}

const mapOf = (memory: Float32Array): number[] => [...memory.subarray(MAP, MAP + MAP_LENGTH)];

describe('regionMap', () => {
  it('puts the middle of the region on the middle of the points, at any angle', () => {
    for (const angle of [0, 0.4, -1.2, 3]) {
      const memory = meshOf(angle);
      regionMap(memory, 0, MAP, region);
      const [a, b, c, d, x, y] = mapOf(memory);
      expect(a! * 8 + c! * 8 + x!).toBeCloseTo(25, 4);
      expect(b! * 8 + d! * 8 + y!).toBeCloseTo(15, 4);
      // A step along is a 16th of 1.5 times the width, a step across of the height; in the image's pixels, a quarter.
      expect(Math.hypot(a!, b!)).toBeCloseTo((1.5 * 40) / 16 / 4, 5);
      expect(Math.hypot(c!, d!)).toBeCloseTo((1.5 * 20) / 16 / 4, 5);
      expect(Math.atan2(b!, a!)).toBeCloseTo(angle, 5);
      expect(a! * c! + b! * d!).toBeCloseTo(0, 5);
    }
  });
});

describe('sampleRegion', () => {
  const from = { at: 4 * 400, height: 6, width: 6 };
  const to = { at: 4 * 1000, height: 4, width: 4 };
  const stride = 4;

  function sampled(map: readonly number[]): Float32Array {
    const memory = new Float32Array(2000);
    memory.set(map, MAP);
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 6; x++) memory.set([x, y, 10 * x + y, 1], 400 + (y * 6 + x) * stride);
    // What lies there before must be overwritten.
    memory.fill(NaN, 1000, 1000 + 64);
    sampleRegion(memory, from, MAP, to, stride);
    return memory.slice(1000, 1000 + 64);
  }

  it('reproduces a ramp between the centres of the pixels', () => {
    const pixels = sampled([0.75, 0.25, -0.25, 0.75, 2, 1]);
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 4; x++) {
        const atX = 0.75 * (x + 0.5) - 0.25 * (y + 0.5) + 1.5;
        const atY = 0.25 * (x + 0.5) + 0.75 * (y + 0.5) + 0.5;
        const pixel = [...pixels.slice((y * 4 + x) * 4, (y * 4 + x) * 4 + 4)];
        [atX, atY, 10 * atX + atY, 1].forEach((value, k) => expect(pixel[k]).toBeCloseTo(value, 4));
      }
    }
  });

  it('reaches the last centre, and is 0 beyond', () => {
    const columns = [0, 1, 2, 3].map((x) => sampled([1, 0, 0, 1, 3, 0])[4 * x + 3]);
    expect(columns).toEqual([1, 1, 1, 0]);
    const rows = [0, 1, 2, 3].map((y) => sampled([1, 0, 0, 1, 0, -1])[16 * y + 3]);
    expect(rows).toEqual([0, 1, 1, 1]);
  });
});

it('placePoints takes points of a region, in their own unit, to the whole', () => {
  const memory = new Float32Array(2000);
  memory.set([0.5, 0.25, -0.25, 0.5, 10, 20], MAP);
  memory.set([8, 4, 0, 2], 100);
  placePoints(memory, 100, MAP, 200, 2, 4);
  expect([...memory.slice(200, 204)]).toEqual([
    0.5 * 8 - 0.25 * 4 + 40,
    0.25 * 8 + 0.5 * 4 + 80,
    -0.5 + 40,
    1 + 80,
  ]);
});
