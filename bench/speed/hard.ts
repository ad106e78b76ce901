/** Runs in the page: pictures that take long, by `detect` as it is called without options. */
import type { ImageInput } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** Milliseconds per call on one picture. */
export interface HardTimes {
  readonly picture: string;
  readonly ms: readonly number[];
  readonly faces: number;
  /** The browser's own decoding of the file by itself, right before each call; absent for pixels. */
  readonly decodeMs?: readonly number[];
}

/** Side of a picture of grain in pixels. */
const GRAIN_SIDE = 1000;
/** Sizes of its grains in pixels; 8 looks the most like faces. */
const GRAINS = [1, 3, 8, 16, 25, 40] as const;

/** Standard deviation in grey values of a sensor's noise, with which the file is as large as a phone's: an enlarged photo alone has no detail. */
const SENSOR_NOISE = 5;

/**
 * Times grain of several sizes and `photo` as a JPEG of 24 megapixels, smooth as an enlarged photo is and with a sensor's noise; WASM,
 * one thread.
 */
export async function timeHard(photo: HTMLCanvasElement, rounds: number): Promise<readonly HardTimes[]> {
  const nf = await startLibrary();
  const pictures: [string, ImageInput][] = [];
  for (const noise of [0, SENSOR_NOISE]) {
    const file = await largePhoto(photo, noise);
    pictures.push([`photo of 24 megapixels in ${(file.size / 1e6).toFixed(1)} MB`, file]);
  }
  for (const size of GRAINS) {
    pictures.push([`grey grain of ${size} px`, await grain(size, false)]);
    pictures.push([`coloured grain of ${size} px`, await grain(size, true)]);
  }
  const times: HardTimes[] = [];
  for (const [picture, input] of pictures) {
    const ms: number[] = [];
    const decodeMs: number[] = [];
    let faces = 0;
    for (let round = -1; round < rounds; round++) {
      if (input instanceof Blob) {
        const decoded = await timeDecoding(input);
        if (round >= 0) decodeMs.push(decoded);
      }
      const startMs = performance.now();
      faces = (await nf.detect(input)).faces.length;
      if (round >= 0) ms.push(performance.now() - startMs);
    }
    times.push({ picture, ms: ms, faces, ...(decodeMs.length > 0 && { decodeMs }) });
  }
  await nf.dispose();
  return times;
}

/** Milliseconds until the browser has every pixel of a file. */
async function timeDecoding(file: Blob): Promise<number> {
  const startMs = performance.now();
  const bitmap = await createImageBitmap(file);
  const ms = performance.now() - startMs;
  bitmap.close();
  return ms;
}

async function largePhoto(photo: HTMLCanvasElement, noise: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(6000, 4000);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(photo, 0, 0, photo.width, photo.width / 1.5, 0, 0, canvas.width, canvas.height);
  if (noise > 0) addNoise(context, noise);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
}

/** The same grey noise in each channel, near to a normal one, from pixel to pixel anew. */
function addNoise(context: OffscreenCanvasRenderingContext2D, deviation: number): void {
  const { width, height } = context.canvas;
  const pixels = context.getImageData(0, 0, width, height);
  const random = randomBytes();
  for (let i = 0; i < pixels.data.length; i += 4) {
    // The sum of four even numbers of 0 to 255 has a deviation of 148.
    const grey = ((random() + random() + random() + random() - 510) / 148) * deviation;
    for (let channel = i; channel < i + 3; channel++) pixels.data[channel]! += grey;
  }
  context.putImageData(pixels, 0, 0);
}

/** Bytes of a stated sequence, the same in each run. */
function randomBytes(): () => number {
  let state = 7;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
}

async function grain(size: number, coloured: boolean): Promise<ImageData> {
  const side = Math.ceil(GRAIN_SIDE / size);
  const pixels = new ImageData(side, side);
  const random = randomBytes();
  for (let i = 0; i < pixels.data.length; i += 4) {
    const grey = random();
    pixels.data.set([grey, coloured ? random() : grey, coloured ? random() : grey, 255], i);
  }
  const context = new OffscreenCanvas(GRAIN_SIDE, GRAIN_SIDE).getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(await createImageBitmap(pixels), 0, 0, GRAIN_SIDE, GRAIN_SIDE);
  return context.getImageData(0, 0, GRAIN_SIDE, GRAIN_SIDE);
}
