import type { ImageFormat } from '../../image/format.ts';

/** A WebP picture of 2 × 1 pixels, orientation 6. */
const PROBE =
  'UklGRk4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TA4AAAAvAQAAAAcQEf0PRET/A0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=';

/** The orientation, of a file's EXIF block, that is left to apply after the browser. */
export async function orientationToApply(
  format: ImageFormat | undefined,
  orientation: number,
): Promise<number> {
  return format !== 'webp' || orientation === 1 || (await orientsWebp()) ? 1 : orientation;
}

/** Whether this browser applies the orientation of a WebP file's EXIF chunk by itself. Chromium does not. */
async function orientsWebp(): Promise<boolean> {
  const bytes = Uint8Array.from(atob(PROBE), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]), { imageOrientation: 'from-image' });
  const { width, height } = bitmap;
  bitmap.close();
  return width < height;
}
