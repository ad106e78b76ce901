import type { RgbaImage } from './pixels.ts';

/** Degrees clockwise. */
export type QuarterTurn = 0 | 90 | 180 | 270;

/** A copy of an image, turned clockwise. */
export function turnQuarters(image: RgbaImage, rotation: QuarterTurn): RgbaImage {
  const { width, height } = image;
  const from = new Int32Array(image.data.buffer, image.data.byteOffset, width * height);
  const data = new Uint8ClampedArray(4 * width * height);
  const to = new Int32Array(data.buffer);
  const [start, perColumn, perRow] = strides(rotation, width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0, index = start + y * perRow; x < width; x++, index += perColumn) to[index] = from[at++]!;
  }
  const onSide = rotation === 90 || rotation === 270;
  return onSide ? { width: height, height: width, data } : { width, height, data };
}

/** Where the first pixel goes, and how far the next of its row and of its column goes from there. */
function strides(rotation: QuarterTurn, width: number, height: number): [number, number, number] {
  if (rotation === 90) return [height - 1, height, -1];
  if (rotation === 180) return [width * height - 1, -1, -width];
  if (rotation === 270) return [(width - 1) * height, -height, 1];
  return [0, 1, width];
}
