import type { GreyImage } from '../core/frames.ts';
import type { Pyramid } from './pyramid.ts';

/** A small grey copy of an image, each side multiplied by `scale` (0..1) and rounded; pixels are means of about what they cover. */
export function greyCopy(image: Pyramid, scale: number): GreyImage {
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const index = image.levelFor(Math.min(image.width / width, image.height / height));
  // Faces are looked for in both.
  const level = image.levelWithFiner(index);
  const data = image.kernel.grey(level, samples(height, level.height), samples(width, level.width));
  return { width, height, data };
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
