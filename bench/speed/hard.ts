/** Runs in the page: pictures that take long, by `detect` as it is called without options. */
import type { ImageInput } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** Milliseconds per call on one picture. */
export interface HardTimes {
  readonly picture: string;
  readonly ms: readonly number[];
  readonly faces: number;
}

/** Side of a picture of grain in pixels. */
const GRAIN_SIDE = 1000;
/** Sizes of its grains in pixels; 8 looks the most like faces. */
const GRAINS = [1, 3, 8, 16, 25, 40] as const;

/** Times grain of several sizes and `photo` as a JPEG of 24 megapixels; WASM, one thread. */
export async function timeHard(photo: HTMLCanvasElement, rounds: number): Promise<readonly HardTimes[]> {
  const nf = await startLibrary();
  const pictures: [string, ImageInput][] = [['photo of 24 megapixels', await largePhoto(photo)]];
  for (const size of GRAINS) {
    pictures.push([`grey grain of ${size} px`, await grain(size, false)]);
    pictures.push([`coloured grain of ${size} px`, await grain(size, true)]);
  }
  const times: HardTimes[] = [];
  for (const [picture, input] of pictures) {
    const ms: number[] = [];
    let faces = 0;
    for (let round = -1; round < rounds; round++) {
      const startMs = performance.now();
      faces = (await nf.detect(input)).faces.length;
      if (round >= 0) ms.push(performance.now() - startMs);
    }
    times.push({ picture, ms, faces });
  }
  await nf.dispose();
  return times;
}

async function largePhoto(photo: HTMLCanvasElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(6000, 4000);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(photo, 0, 0, photo.width, photo.width / 1.5, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
}

async function grain(size: number, coloured: boolean): Promise<ImageData> {
  const side = Math.ceil(GRAIN_SIDE / size);
  const pixels = new ImageData(side, side);
  let state = 7;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  for (let i = 0; i < pixels.data.length; i += 4) {
    const grey = random();
    pixels.data.set([grey, coloured ? random() : grey, coloured ? random() : grey, 255], i);
  }
  const context = new OffscreenCanvas(GRAIN_SIDE, GRAIN_SIDE).getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(await createImageBitmap(pixels), 0, 0, GRAIN_SIDE, GRAIN_SIDE);
  return context.getImageData(0, 0, GRAIN_SIDE, GRAIN_SIDE);
}
