import { canvasOf, toJpeg } from './canvas.ts';

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
/** Of the versions' JPEG. */
const QUALITY = 0.9;

function mirrored(bitmap: ImageBitmap): Promise<Blob> {
  const context = canvasOf(bitmap.width, bitmap.height);
  context.setTransform(-1, 0, 0, 1, bitmap.width, 0);
  context.drawImage(bitmap, 0, 0);
  return toJpeg(context.canvas, QUALITY);
}

function dimmed(bitmap: ImageBitmap): Promise<Blob> {
  const { width, height } = bitmap;
  const small = canvasOf(Math.round(width * BLURRED), Math.round(height * BLURRED));
  small.drawImage(bitmap, 0, 0, small.canvas.width, small.canvas.height);
  const context = canvasOf(width, height);
  context.drawImage(small.canvas, 0, 0, width, height);
  context.fillStyle = `rgb(0 0 0 / ${DIMMED})`;
  context.fillRect(0, 0, width, height);
  return toJpeg(context.canvas, QUALITY);
}
