/** A photo in three versions: as it is, mirrored, and dimmed and blurred. */
export async function versionsOf(photo: Blob): Promise<readonly Blob[]> {
  const bitmap = await createImageBitmap(photo);
  try {
    return [photo, await mirrored(bitmap), await dimmed(bitmap)];
  } finally {
    bitmap.close();
  }
}

/** The part of the pixels that the blurred version keeps, along each side. */
const BLURRED = 0.6;
/** How much light it loses. */
const DIMMED = 0.4;

function mirrored(bitmap: ImageBitmap): Promise<Blob> {
  const { canvas, context } = canvasOf(bitmap.width, bitmap.height);
  context.setTransform(-1, 0, 0, 1, bitmap.width, 0);
  context.drawImage(bitmap, 0, 0);
  return toJpeg(canvas);
}

function dimmed(bitmap: ImageBitmap): Promise<Blob> {
  const { width, height } = bitmap;
  const small = canvasOf(Math.round(width * BLURRED), Math.round(height * BLURRED));
  small.context.drawImage(bitmap, 0, 0, small.canvas.width, small.canvas.height);
  const { canvas, context } = canvasOf(width, height);
  context.drawImage(small.canvas, 0, 0, width, height);
  context.fillStyle = `rgb(0 0 0 / ${DIMMED})`;
  context.fillRect(0, 0, width, height);
  return toJpeg(canvas);
}

function canvasOf(
  width: number,
  height: number,
): { readonly canvas: HTMLCanvasElement; readonly context: CanvasRenderingContext2D } {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  return { canvas, context: canvas.getContext('2d', { alpha: false })! };
}

function toJpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null): void =>
      blob ? resolve(blob) : reject(new Error('The browser could not make a picture of a canvas'));
    canvas.toBlob(done, 'image/jpeg', 0.9);
  });
}
