import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { ModelInput } from '../../src/core/manifest.ts';

/** Side of the recorded crops in pixels; each is RGB, row by row. */
export const CROP_SIDE = 192;

/** Where the recorded crops come from: 384-pixel squares of the sample photos (`tools/samples`). */
export const CROPS = [
  { sample: 1, left: 735, top: 373 },
  { sample: 3, left: 991, top: 199 },
  { sample: 4, left: 561, top: 11 },
  { sample: 6, left: 1402, top: 250 },
] as const;

/** One recorded tensor of the original model, run on the crops named. */
export interface GoldenOutput {
  readonly name: string;
  readonly crops: readonly number[];
  readonly data: Float32Array;
}

const folder = new URL('./goldens/', import.meta.url);

/** Path of a recorded file. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(name, folder));
}

/** The recorded crops. */
export async function readCrops(): Promise<Uint8Array[]> {
  const bytes = gunzipSync(await readFile(goldenPath('crops.bin.gz')));
  const size = CROP_SIDE * CROP_SIDE * 3;
  return CROPS.map((_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** What the original model `id` gave for the crops. */
export async function readGoldens(id: string): Promise<GoldenOutput[]> {
  const index = JSON.parse(await readFile(goldenPath(`${id}.json`), 'utf8')) as GoldenIndex;
  const bytes = gunzipSync(await readFile(goldenPath(`${id}.bin.gz`)));
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  let at = 0;
  return index.outputs.map(({ name, length }) => {
    at += length;
    return { name, crops: index.crops, data: floats.slice(at - length, at) };
  });
}

/** `goldens/<id>.json`: which crops were run, and the outputs that follow one another in `<id>.bin.gz`. */
export interface GoldenIndex {
  readonly runtime: string;
  readonly crops: readonly number[];
  readonly outputs: readonly { readonly name: string; readonly length: number }[];
}

/** A crop as the input tensor of a model, without the batch axis; `layout` overrides the entry's. */
export function inputOf(
  crop: Uint8Array,
  input: ModelInput,
  layout: ModelInput['layout'] = input.layout,
): Float32Array {
  const [width, height] = input.size;
  const channels = input.channels === 'grey' ? 1 : 3;
  const tensor = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rgb = sampled(
        crop,
        ((x + 0.5) * CROP_SIDE) / width - 0.5,
        ((y + 0.5) * CROP_SIDE) / height - 0.5,
      );
      const pixel = channels === 1 ? [luma(rgb)] : input.channels === 'bgr' ? rgb.reverse() : rgb;
      pixel.forEach((level, channel) => {
        const place = y * width + x;
        const at = layout === 'nchw' ? channel * width * height + place : place * channels + channel;
        tensor[at] = (Math.round(level) - input.mean) / input.std;
      });
    }
  }
  return tensor;
}

/** Bilinear sample, the edge repeated. */
function sampled(crop: Uint8Array, x: number, y: number): number[] {
  const inside = (place: number): number => Math.min(Math.max(place, 0), CROP_SIDE - 1);
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const at = (column: number, row: number, channel: number): number =>
    crop[(inside(row) * CROP_SIDE + inside(column)) * 3 + channel] ?? 0;
  return [0, 1, 2].map((channel) => {
    const above = at(left, top, channel) * (left + 1 - x) + at(left + 1, top, channel) * (x - left);
    const below = at(left, top + 1, channel) * (left + 1 - x) + at(left + 1, top + 1, channel) * (x - left);
    return above * (top + 1 - y) + below * (y - top);
  });
}

function luma([red = 0, green = 0, blue = 0]: readonly number[]): number {
  return 0.2989 * red + 0.587 * green + 0.114 * blue;
}

/** The largest absolute difference of two lists of the same length. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  // A NaN on either side must not pass as no difference.
  return a.reduce((most, value, index) => {
    const difference = Math.abs(value - (b[index] ?? NaN));
    return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
  }, 0);
}
