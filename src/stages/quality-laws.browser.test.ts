/** The laws of brightness and sharpness, on faces of real photos that are changed pixel by pixel. */
import { beforeAll, expect, test } from 'vitest';
import { SAMPLES } from '../../tools/samples/samples.ts';
import type { Box } from '../core/types.ts';
import type { RgbaImage } from '../image/pixels.ts';
import { Pyramid } from '../image/pyramid.ts';
import { measureBrightness } from './quality-brightness.ts';
import { qualityCrop } from './quality-crop.ts';
import { measureSharpness } from './quality-sharpness.ts';
import testFaces from './test-faces.json';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

/** A face of a photo, cut out with some margin: pixels and mesh in the cut-out's frame. */
interface Cutout {
  readonly name: string;
  readonly image: RgbaImage;
  readonly mesh: Float32Array;
}

let faces: readonly Cutout[];

beforeAll(async () => {
  faces = await Promise.all(testFaces.map(({ photo, box, points }) => cutOut(photo, box, points)));
});

async function cutOut(photo: string, box: Box, points: readonly number[]): Promise<Cutout> {
  const bitmap = await createImageBitmap(await (await fetch(new URL(photo, SAMPLES))).blob());
  const margin = Math.round(0.3 * box.height);
  const [left, top] = [box.left - margin, box.top - margin];
  const context = canvas(box.width + 2 * margin, box.height + 2 * margin);
  context.drawImage(bitmap, -left, -top);
  const mesh = Float32Array.from(points, (value, i) => value - ([left, top, 0][i % 3] as number));
  return { name: photo, image: pixels(context), mesh };
}

function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2d context');
  return context;
}

function pixels(context: OffscreenCanvasRenderingContext2D): RgbaImage {
  const { width, height, data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  return { width, height, data: data };
}

function drawn({ width, height, data }: RgbaImage): OffscreenCanvas {
  const context = canvas(width, height);
  context.putImageData(new ImageData(data, width, height), 0, 0);
  return context.canvas;
}

const sharpness = ({ image, mesh }: Cutout): number =>
  measureSharpness(qualityCrop(new Pyramid(image, pixelKernel), mesh));
const brightness = ({ image, mesh }: Cutout): number =>
  measureBrightness(qualityCrop(new Pyramid(image, pixelKernel), mesh));

function mapped({ image, ...rest }: Cutout, change: (value: number) => number): Cutout {
  return { ...rest, image: { ...image, data: image.data.map((v, i) => (i % 4 === 3 ? 255 : change(v))) } };
}

/** Out of focus. */
function blurred({ image, ...rest }: Cutout, width: number): Cutout {
  if (width === 0) return { image, ...rest };
  const context = canvas(image.width, image.height);
  context.filter = `blur(${width}px)`;
  context.drawImage(drawn(image), 0, 0);
  return { ...rest, image: pixels(context) };
}

/** Moved by `length` pixels while the shutter was open, at `angle`. */
function moved({ image, ...rest }: Cutout, length: number, angle: number): Cutout {
  const sums = new Float32Array(image.data.length);
  const steps = Math.max(1, Math.ceil(length / 2));
  for (let step = 0; step < steps; step++) {
    const along = ((step + 0.5) / steps - 0.5) * length;
    const context = canvas(image.width, image.height);
    context.drawImage(drawn(image), 0, 0);
    context.drawImage(drawn(image), along * Math.cos(angle), along * Math.sin(angle));
    pixels(context).data.forEach((value, i) => (sums[i]! += value / steps));
  }
  return { ...rest, image: { ...image, data: new Uint8ClampedArray(sums) } };
}

/** The same face from fewer pixels. */
function reduced({ image, mesh, name }: Cutout, factor: number): Cutout {
  const [width, height] = [Math.round(image.width * factor), Math.round(image.height * factor)];
  const context = canvas(width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(drawn(image), 0, 0, width, height);
  const scale = [width / image.width, height / image.height, factor];
  return { name, image: pixels(context), mesh: mesh.map((value, i) => value * scale[i % 3]!) };
}

/** Gaussian noise of standard deviation `spread`, the same on every run. */
function noisy(face: Cutout, spread: number): Cutout {
  let seed = 12345;
  const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return mapped(
    face,
    (value) => value + spread * Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random()),
  );
}

function expectFalling(values: readonly number[], least = 0): void {
  values.slice(1).forEach((value, i) => expect(value).toBeLessThan(values[i]! - least));
}

test('brightness is near 0 for well-lit faces', () => {
  for (const face of faces) expect(Math.abs(brightness(face))).toBeLessThan(0.3);
});

test('brightness rises with gain, from too dark to too bright', () => {
  for (const face of faces) {
    const values = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3].map((gain) =>
      brightness(mapped(face, (v) => v * gain)),
    );
    expectFalling(values.toReversed());
    expect(values[0]!).toBeLessThan(-0.8);
    expect(values.at(-1)).toBeGreaterThan(0.5);
  }
});

test('brightness does not hang on how sharp or big the face is', () => {
  for (const face of faces) {
    expect(Math.abs(brightness(blurred(face, 2)) - brightness(face))).toBeLessThan(0.05);
    expect(Math.abs(brightness(reduced(face, 0.4)) - brightness(face))).toBeLessThan(0.05);
  }
});

test('sharpness falls with Gaussian blur', () => {
  for (const face of faces) {
    const values = [0, 1, 1.6, 2.4, 3.5, 5, 8].map((width) => sharpness(blurred(face, width)));
    expectFalling(values);
    expect(values[0]!).toBeGreaterThan(0.5);
    expect(values.at(-1)).toBeLessThan(0.1);
  }
});

test('sharpness falls with motion blur, whatever its direction', () => {
  for (const face of faces) {
    for (const angle of [0, Math.PI / 4, Math.PI / 2]) {
      expectFalling([0, 4, 10, 24].map((length) => sharpness(moved(face, length, angle))));
    }
  }
});

test('sharpness falls with the number of pixels', () => {
  for (const face of faces) {
    expectFalling([1, 0.6, 0.4, 0.25, 0.15, 0.1].map((factor) => sharpness(reduced(face, factor))));
  }
});

test('sharpness is not raised by noise, on sharp faces and on blurred ones', () => {
  for (const face of faces) {
    for (const width of [0, 3, 6]) {
      const start = blurred(face, width);
      for (const spread of [5, 12, 25]) {
        expect(sharpness(noisy(start, spread)) - sharpness(start)).toBeLessThan(0.08);
      }
    }
  }
});

test('sharpness does not hang on how bright the face is', () => {
  for (const face of faces) {
    expect(Math.abs(sharpness(mapped(face, (v) => v * 0.6)) - sharpness(face))).toBeLessThan(0.1);
  }
});
