import type { EncodeJpeg } from '../port.ts';
import { loadSharp } from './sharp.ts';

/** Encodes by sharp. */
export const encodeJpeg: EncodeJpeg = async ({ width, height, data }, quality) => {
  const sharp = await loadSharp();
  const jpeg = await sharp(data, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .jpeg({ quality: Math.round(100 * quality) })
    .toBuffer();
  return new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' });
};
