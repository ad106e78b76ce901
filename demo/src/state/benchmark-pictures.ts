import { fetchSample, SAMPLES } from '../model/samples.ts';
import { canvasOf, toJpeg } from './canvas.ts';

/** The seated woman at the left of the third sample, alone: left, top, width, height. */
const ALONE = [100, 150, 960, 720] as const;
const WIDTH = 1280;
const HEIGHT = 960;
/** Of the pictures' JPEG. */
const QUALITY = 0.92;

/** One face in a picture of 1280 × 960, and 20 in one of 1920 × 1280: she, and five of the samples. */
export async function benchmarkPictures(): Promise<{ readonly one: Blob; readonly many: Blob }> {
  const photos = await Promise.all(
    SAMPLES.map(async (sample) => createImageBitmap((await fetchSample(sample)).blob)),
  );
  try {
    const alone = smoothCanvas(WIDTH, HEIGHT);
    alone.drawImage(photos[2]!, ...ALONE, 0, 0, WIDTH, HEIGHT);
    const many = smoothCanvas(1920, 1280);
    const pictures = [alone.canvas, ...photos.slice(1)];
    pictures.forEach((picture, i) => drawInto(many, picture, (i % 3) * 640, i < 3 ? 0 : 640));
    return { one: await toJpeg(alone.canvas, QUALITY), many: await toJpeg(many.canvas, QUALITY) };
  } finally {
    for (const photo of photos) photo.close();
  }
}

/** As large as fits into a square of 640. */
function drawInto(
  context: CanvasRenderingContext2D,
  picture: ImageBitmap | HTMLCanvasElement,
  left: number,
  top: number,
): void {
  const scale = 640 / Math.max(picture.width, picture.height);
  context.drawImage(picture, left, top, picture.width * scale, picture.height * scale);
}

function smoothCanvas(width: number, height: number): CanvasRenderingContext2D {
  const context = canvasOf(width, height);
  context.imageSmoothingQuality = 'high';
  return context;
}
