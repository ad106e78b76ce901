import type { Box } from '../../src/core/types.ts';
import type { RgbaImage } from '../../src/image/pixels.ts';
import { type Pyramid } from '../../src/image/pyramid.ts';
import { warpToRgba } from '../../src/image/warp.ts';
import { Random } from '../../tools/random.ts';
import type { Scene } from './scenes.ts';

/** Pictures without faces to make backgrounds of. */
export interface BackgroundSources {
  /** Photographs without people. */
  readonly photos: readonly Pyramid[];
  /** Small parts of photos away from their faces. */
  readonly patches: readonly Pyramid[];
}

/** A picture without faces, of the scene's size and kind. */
export function paintBackground(scene: Scene, sources: BackgroundSources): RgbaImage {
  const random = new Random(scene.seed);
  if (scene.background === 'photo') return tint(photo(scene, sources.photos, random), random);
  if (scene.background === 'patches') return quilt(scene, sources.patches, random);
  return texture(scene, random);
}

/** A part of a photograph at 0.7 to 3 times its size, mirrored half of the time. */
function photo({ width, height }: Scene, photos: readonly Pyramid[], random: Random): RgbaImage {
  const source = random.pick(photos);
  const fit = Math.min(source.width / width, source.height / height);
  const scale = random.logBetween(0.4, 1) * fit;
  const left = random.between(0, source.width - width * scale);
  const top = random.between(0, source.height - height * scale);
  const region = { left, top, width: width * scale, height: height * scale };
  return show(source, region, width, height, random.next() < 0.5);
}

function show(source: Pyramid, region: Box, width: number, height: number, mirrored: boolean): RgbaImage {
  const [sx, sy] = [region.width / width, region.height / height];
  return mirrored
    ? warpToRgba(source, [-sx, 0, 0, sy, region.left + region.width, region.top], width, height, 128)
    : warpToRgba(source, [sx, 0, 0, sy, region.left, region.top], width, height, 128);
}

/** Gains per channel, so that faded photographs do not all have one hue. */
function tint(image: RgbaImage, random: Random): RgbaImage {
  const gains = [0, 1, 2].map(() => random.between(0.75, 1.15));
  const { data } = image;
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) data[i] = data[i]! * gains[i % 4]!;
  return image;
}

/** Patches of photos side by side, at 1.5 to 5 times their size. */
function quilt({ width, height }: Scene, patches: readonly Pyramid[], random: Random): RgbaImage {
  const picture: RgbaImage = { width, height, data: new Uint8ClampedArray(4 * width * height).fill(255) };
  const cell = Math.round(random.between(90, 320));
  for (let top = 0; top < height; top += cell) {
    for (let left = 0; left < width; left += cell) {
      const patch = random.pick(patches);
      const whole = { left: 0, top: 0, width: patch.width, height: patch.height };
      paste(picture, show(patch, whole, cell, cell, random.next() < 0.5), left, top);
    }
  }
  return picture;
}

function paste(picture: RgbaImage, part: RgbaImage, left: number, top: number): void {
  const columns = Math.min(part.width, picture.width - left);
  for (let y = 0; y < part.height && top + y < picture.height; y++) {
    const row = part.data.subarray(4 * y * part.width, 4 * (y * part.width + columns));
    picture.data.set(row, 4 * ((top + y) * picture.width + left));
  }
}

/** Value noise of several octaves in two colours, with discs, bars and noise on it. */
function texture({ width, height }: Scene, random: Random): RgbaImage {
  const picture: RgbaImage = { width, height, data: new Uint8ClampedArray(4 * width * height).fill(255) };
  const [dark, light] = [colour(random), colour(random)];
  const layers = [400, 150, 50, 18, 6].map((cell) => noiseLayer(width, height, cell, random));
  const total = layers.reduce((sum, { share }) => sum + share, 0);
  for (let y = 0; y < height; y++) {
    const row = new Float32Array(width);
    for (const layer of layers) addRow(layer, y, row);
    for (let x = 0; x < width; x++) {
      const contrast = Math.min(1, Math.max(0, 2.5 * (row[x]! / total - 0.5) + 0.5));
      const at = 4 * (y * width + x);
      for (let k = 0; k < 3; k++) picture.data[at + k] = dark[k]! + contrast * (light[k]! - dark[k]!);
    }
  }
  for (let i = 0; i < 60; i++) shape(picture, random);
  return picture;
}

function colour(random: Random): readonly number[] {
  return [0, 1, 2].map(() => random.between(0, 255));
}

/** Random values on a grid, and how much they count. */
interface NoiseLayer {
  readonly cell: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly share: number;
}

function noiseLayer(width: number, height: number, cell: number, random: Random): NoiseLayer {
  const columns = Math.ceil(width / cell) + 2;
  const count = columns * (Math.ceil(height / cell) + 2);
  const values = Float32Array.from({ length: count }, () => random.next());
  return { cell, columns, values, share: random.between(0.2, 1) };
}

/** Adds row `y` of the layer, bilinear between its grid points. */
function addRow({ cell, columns, values, share }: NoiseLayer, y: number, row: Float32Array): void {
  const cy = Math.floor(y / cell);
  const fy = y / cell - cy;
  const between = (column: number): number => {
    const at = cy * columns + column;
    return values[at]! + fy * (values[at + columns]! - values[at]!);
  };
  for (let column = 0; column * cell < row.length; column++) {
    const [from, to] = [between(column), between(column + 1)];
    const end = Math.min(row.length, (column + 1) * cell);
    for (let x = column * cell; x < end; x++)
      row[x]! += share * (from + ((x - column * cell) / cell) * (to - from));
  }
}

/** A half-transparent disc or bar. */
function shape({ width, height, data }: RgbaImage, random: Random): void {
  const [x, y] = [random.between(0, width), random.between(0, height)];
  const round = random.next() < 0.5;
  const across = random.logBetween(4, 200);
  const down = round ? across * random.between(0.6, 1.5) : random.logBetween(4, 200);
  const [paint, share] = [colour(random), random.between(0.3, 1)];
  for (let py = Math.max(0, Math.floor(y - down)); py < Math.min(height, y + down); py++) {
    for (let px = Math.max(0, Math.floor(x - across)); px < Math.min(width, x + across); px++) {
      if (round && Math.hypot((px - x) / across, (py - y) / down) > 1) continue;
      const at = 4 * (py * width + px);
      for (let k = 0; k < 3; k++) data[at + k] = data[at + k]! + share * (paint[k]! - data[at + k]!);
    }
  }
}
