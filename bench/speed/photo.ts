import { PHOTO_HEIGHT, PHOTO_WIDTH } from './types.ts';

/** The seated woman at the left of sample3.jpg, alone: left, top, width, height in that photo's pixels. */
const CROP = [100, 150, 960, 720] as const;

/** One face in a 1280×960 photo, made from a sample photo with three people. */
export async function composePhoto(sampleUrl: string): Promise<HTMLCanvasElement> {
  const sample = new Image();
  sample.src = sampleUrl;
  await sample.decode();
  const canvas = document.createElement('canvas');
  canvas.width = PHOTO_WIDTH;
  canvas.height = PHOTO_HEIGHT;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2d canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(sample, ...CROP, 0, 0, PHOTO_WIDTH, PHOTO_HEIGHT);
  return canvas;
}
