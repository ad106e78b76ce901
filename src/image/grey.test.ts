import { expect, test } from 'vitest';
import { greyCopy } from './grey.ts';
import { Pyramid } from './pyramid.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

function picture(width: number, height: number, at: (x: number, y: number) => readonly number[]): Pyramid {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set([...at(x, y), 255], 4 * (y * width + x));
  return new Pyramid({ width, height, data }, pixelKernel);
}

test('a flat colour has its luma everywhere, at any scale', () => {
  for (const scale of [1, 0.7, 0.3, 0.1, 0.01]) {
    const grey = greyCopy(
      picture(50, 30, () => [200, 100, 50]),
      scale,
    );
    expect([grey.width, grey.height]).toEqual([
      Math.max(1, Math.round(50 * scale)),
      Math.max(1, Math.round(30 * scale)),
    ]);
    for (const value of grey.data) expect(Math.abs(value - 124)).toBeLessThanOrEqual(1);
  }
});

test('what is on the left stays on the left, what is above above', () => {
  const grey = greyCopy(
    picture(100, 60, (x, y) => [2 * x, 2 * x, 2 * x].map((value) => value / 2 + 2 * y)),
    0.3,
  );
  for (let y = 0; y < grey.height; y++)
    for (let x = 0; x < grey.width; x++) {
      const expected = (x + 0.5) / 0.3 + (2 * (y + 0.5)) / 0.3 - 1.5;
      expect(Math.abs(grey.data[y * grey.width + x]! - expected)).toBeLessThan(5);
    }
});

test('fine noise is averaged away where the copy is small', () => {
  const noise = (x: number, y: number): number => 128 + (((x * 7919 + y * 104729) % 64) - 32);
  const grey = greyCopy(
    picture(160, 120, (x, y) => [noise(x, y), noise(x, y), noise(x, y)]),
    0.1,
  );
  for (const value of grey.data) expect(Math.abs(value - 128)).toBeLessThan(12);
});
