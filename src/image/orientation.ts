import type { ImageFormat } from './format.ts';

/** The canvas transform (a, b, c, d, e, f) that shows a stored picture as it is meant, `width` × `height` after it. */
export function transformFor(
  orientation: number,
  width: number,
  height: number,
): [number, number, number, number, number, number] {
  switch (orientation) {
    case 2:
      return [-1, 0, 0, 1, width, 0];
    case 3:
      return [-1, 0, 0, -1, width, height];
    case 4:
      return [1, 0, 0, -1, 0, height];
    case 5:
      return [0, 1, 1, 0, 0, 0];
    case 6:
      return [0, 1, -1, 0, width, 0];
    case 7:
      return [0, -1, -1, 0, width, height];
    case 8:
      return [0, -1, 1, 0, 0, height];
    default:
      return [1, 0, 0, 1, 0, 0];
  }
}

/** Whether the orientation exchanges width and height. */
export function turnsSides(orientation: number): boolean {
  return orientation >= 5;
}

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
