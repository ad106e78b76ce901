import type { GreyImage } from '../core/frames.ts';
import type { Pyramid, RgbaImage } from './pixels.ts';

/** Weights of red, green and blue in 256ths. */
const [RED, GREEN, BLUE] = [77, 150, 29] as const;

/** A small grey copy of an image, each side multiplied by `scale` (0..1) and rounded; pixels are means of about what they cover. */
export function greyCopy(image: Pyramid, scale: number): GreyImage {
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const index = image.levelFor(Math.min(image.width / width, image.height / height));
  // Faces are looked for in both.
  const level = image.levelWithFiner(index);
  const lumas = lumasOf(level);
  const columns = samples(width, level.width);
  const rows = samples(height, level.height);
  const data = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const upper = rows[2 * y]! * level.width;
    const lower = rows[2 * y + 1]! * level.width;
    for (let x = 0; x < width; x++, at++) {
      const left = columns[2 * x]!;
      const right = columns[2 * x + 1]!;
      const sum = lumas[upper + left]! + lumas[upper + right]! + lumas[lower + left]! + lumas[lower + right]!;
      data[at] = (sum + 512) >> 10;
    }
  }
  return { width, height, data };
}

/** Luma times 256 of each pixel. */
function lumasOf({ data, width, height }: RgbaImage): Uint16Array {
  const lumas = new Uint16Array(width * height);
  for (let i = 0, at = 0; i < lumas.length; i++, at += 4)
    lumas[i] = RED * data[at]! + GREEN * data[at + 1]! + BLUE * data[at + 2]!;
  return lumas;
}

/** For each of `count` outputs the two inputs of `length` that it is the mean of. */
function samples(count: number, length: number): Int32Array {
  const places = new Int32Array(2 * count);
  const step = length / count;
  for (let i = 0; i < count; i++) {
    const centre = (i + 0.5) * step - 0.5;
    places[2 * i] = Math.max(0, Math.round(centre - step / 4));
    places[2 * i + 1] = Math.min(length - 1, Math.round(centre + step / 4));
  }
  return places;
}
